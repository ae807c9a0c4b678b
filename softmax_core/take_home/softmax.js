// The way from strokes to probabilities in plain JavaScript, as softmax_core has it in Python:
// strokes → segments → upright → framed → drawn with one pen → counted → grid → φ → softmax.
// Names are those of drawing.py, features.py and model.py; a test holds the two together.
const softmaxCore = (() => {
  const SIDE = 8, BITMAP = 32, BLOCK = BITMAP / SIDE, SPACING = 0.25;
  const PREPARATION = { frame: 32, pen: 3.5, threshold: 5, slimmest: 0.25 };
  const STEEPEST = 1.5;

  const sum = values => values.reduce((a, b) => a + b, 0);

  // Each stroke [[x, y], ...] as segments [x, y, u, v]; a dot is a segment of no length.
  const segmentsOf = strokes => strokes.flatMap(stroke => stroke.length === 1
    ? [[...stroke[0], ...stroke[0]]]
    : stroke.slice(1).map((point, i) => [...stroke[i], ...point]));

  function slantOf(segments) {
    const length = segments.map(([x, y, u, v]) => Math.hypot(u - x, v - y)), all = sum(length);
    if (!all) return 0;
    const mx = segments.map(([x, , u]) => (x + u) / 2), my = segments.map(([, y, , v]) => (y + v) / 2);
    const cx = sum(mx.map((m, i) => m * length[i])) / all, cy = sum(my.map((m, i) => m * length[i])) / all;
    const variance = sum(my.map((m, i) => length[i] * (m - cy) ** 2));
    const covariance = sum(my.map((m, i) => length[i] * (m - cy) * (mx[i] - cx)));
    return variance ? Math.min(Math.max(covariance / variance, -STEEPEST), STEEPEST) : 0;
  }

  function deskewed(segments) {
    const slant = slantOf(segments);
    return segments.map(([x, y, u, v]) => [x - slant * y, y, u - slant * v, v]);
  }

  function framed(segments) {
    const { frame, pen, slimmest } = PREPARATION;
    const xs = segments.flatMap(s => [s[0], s[2]]), ys = segments.flatMap(s => [s[1], s[3]]);
    const low = [Math.min(...xs), Math.min(...ys)], high = [Math.max(...xs), Math.max(...ys)];
    const extent = [high[0] - low[0], high[1] - low[1]];
    let scale = extent.map(e => (frame - pen) / e);
    if (Math.min(...extent) < slimmest * Math.max(...extent)) scale.fill(Math.min(...scale));
    scale = scale.map(s => (Number.isFinite(s) ? s : 0));
    const place = (value, axis) => (value - (low[axis] + high[axis]) / 2) * scale[axis] + BITMAP / 2;
    return segments.map(s => s.map((value, i) => place(value, i % 2)));
  }

  // The bitmap pixels whose centre is within half the pen's width of a segment.
  function drawn(segments) {
    const bitmap = new Uint8Array(BITMAP * BITMAP), half = PREPARATION.pen / 2, reach = Math.ceil(half);
    for (const [x, y, u, v] of segments) {
      const steps = Math.ceil(Math.hypot(u - x, v - y) / SPACING);
      for (let n = 0; n <= steps; n++) {
        const share = n / Math.max(steps, 1), px = x + (u - x) * share, py = y + (v - y) * share;
        for (let row = Math.floor(py) - reach; row <= Math.floor(py) + reach; row++) {
          if (row < 0 || row >= BITMAP) continue;
          for (let column = Math.floor(px) - reach; column <= Math.floor(px) + reach; column++) {
            if (column < 0 || column >= BITMAP) continue;
            if ((row + 0.5 - py) ** 2 + (column + 0.5 - px) ** 2 <= half * half)
              bitmap[row * BITMAP + column] = 1;
          }
        }
      }
    }
    return bitmap;
  }

  // The 64 pixels of the grid, in reading order, each 0 or 1.
  function grid(strokes) {
    const segments = segmentsOf(strokes);
    if (!segments.length) return new Array(SIDE * SIDE).fill(0);
    const bitmap = drawn(framed(deskewed(segments))), counts = new Array(SIDE * SIDE).fill(0);
    bitmap.forEach((on, i) => {
      const row = Math.floor(i / BITMAP), column = i % BITMAP;
      counts[Math.floor(row / BLOCK) * SIDE + Math.floor(column / BLOCK)] += on;
    });
    return counts.map(count => +(count >= PREPARATION.threshold));
  }

  // φ: the bias, then for each offset the products of two pixels.
  function features(grid, offsets) {
    const values = [1];
    for (const [down, right] of offsets)
      for (let row = 0; row + down < SIDE; row++)
        for (let column = 0; column < SIDE; column++)
          if (column + right >= 0 && column + right < SIDE)
            values.push(grid[SIDE * row + column] * grid[SIDE * (row + down) + column + right]);
    return values;
  }

  const scores = (model, grid) => {
    const phi = features(grid, model.offsets);
    return model.weights.map(w => sum(w.map((value, i) => value * phi[i])));
  };

  function softmax(scores) {
    const largest = Math.max(...scores), powers = scores.map(a => Math.exp(a - largest));
    const total = sum(powers);
    return powers.map(power => power / total);
  }

  const probabilities = (model, grid) => softmax(scores(model, grid));

  return { grid, features, scores, softmax, probabilities };
})();
