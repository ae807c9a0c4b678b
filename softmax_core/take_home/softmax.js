// The way from strokes to probabilities in plain JavaScript, as softmax_core has it in Python:
// strokes → segments of the digit → upright → framed → drawn with one pen → counted → grid → φ → softmax.
// Names are those of drawing.py, foreign.py, features.py and model.py; a test holds the two together.
const softmaxCore = (() => {
  const SIDE = 8, BITMAP = 32, BLOCK = BITMAP / SIDE, SPACING = 0.25;
  const PREPARATION = { frame: 32, pen: 3.5, threshold: 6, slimmest: 0.25 };
  const STEEPEST = 1.5;
  const STEM_CHORD = 0.2, MOST_CHORDS = 1000, STEM_SPREAD = 0.08, STEM_SHARES = [0.3, 0.45];
  const UPRIGHT = [0.7, 0.8, 0.9, 1, 0.9, 0.8, 0.7];

  const sum = values => values.reduce((a, b) => a + b, 0);

  // A stroke [[x, y], ...] as segments [x, y, u, v]; a dot is a segment of no length.
  const segmentsOf = stroke => (stroke.length === 1
    ? [[...stroke[0], ...stroke[0]]]
    : stroke.slice(1).map((point, i) => [...stroke[i], ...point]));

  // As foreign.py: the strokes that are the digit. It grows from the one with the most ink; another
  // joins while gap ≤ (NEAR + FAR · size) · extent of the digit so far.
  const NEAR = 0.04, FAR = 1.5, LATTICE = 48, MOST_PIECES = 60;

  function belonging(pieces) {
    const count = pieces.length;
    if (count < 2) return pieces;
    const boxes = pieces.map(boxOf), whole = Math.max(extentOf(boxOf(boxes)), 1e-9);
    const size = boxes.map(extentOf);
    const ink = pieces.map(piece =>
      sum(piece.map(([x, y, u, v]) => Math.hypot(u - x, v - y))) + (0.01 * whole) / count);
    let order = ink.map((_, n) => n).sort((a, b) => ink[b] - ink[a] || a - b).slice(0, MOST_PIECES);
    if (count > 30) order = order.filter(n => ink[n] > 0.005 * Math.max(...ink));
    const points = pointsOf(pieces, whole / LATTICE), frame = framing(points, boxes);
    if (order.some(n => !frame.includes(n))) order = order.filter(n => !frame.includes(n));
    const half = sum(order.map(n => ink[n])) / 2;
    let all = 0;
    const core = order.filter(n => { const before = all; all += ink[n]; return before < half });
    const gap = new Array(count).fill(Infinity), waiting = new Set(order), joined = new Set();
    let best = order[0], digit = boxes[best], slack = 0;
    while (true) {
      joined.add(best);
      waiting.delete(best);
      digit = boxOf([digit, boxes[best]]);
      for (const n of waiting) gap[n] = Math.min(gap[n], distance(points[n], points[best]));
      const rest = [...waiting].sort((a, b) => a - b);
      if (!rest.length) break;
      const extent = Math.max(extentOf(digit), 1e-9);
      const need = rest.map(n => gap[n] - Math.max((NEAR + (FAR * size[n]) / extent) * extent, slack));
      const least = Math.min(...need);
      best = rest[need.indexOf(least)];
      if (least > 0) {
        const ofCore = rest.filter(n => core.includes(n));
        if (!ofCore.length) break;
        best = ofCore.reduce((a, b) => (gap[b] < gap[a] ? b : a));
        slack = Math.max(slack, gap[best]);
      }
    }
    return pieces.filter((_, n) => joined.has(n));
  }

  // Which pieces are a frame or a ring about the digit, or a line beside it: those of a frame go along
  // sides of the box of all that is large, and the rest does not go as far.
  const LEAST_REST = 0.2, STRAY = 0.08, ALONG = 0.9, DRAWN = 9, PASSED = 0.05;
  const WITHIN = 0.9, FLATTEST = 1 / 3;

  function framing(points, boxes) {
    const size = boxes.map(extentOf), large = size.map(s => s >= LEAST_REST * Math.max(...size));
    const ring = size.indexOf(Math.max(...size)), others = points.filter((_, n) => large[n] && n !== ring);
    if (others.length && isRing(points[ring], others.flat())) return [ring];
    const [left, top, right, bottom] = boxOf(boxes.filter((_, n) => large[n])), low = [left, top];
    const extent = [Math.max(right - left, 1e-9), Math.max(bottom - top, 1e-9)];
    const isNear = side => point => { // side: left, top, right, bottom
      const axis = side % 2, at = [left, top, right, bottom][side];
      return Math.abs(point[axis] - at) <= STRAY * extent[1 - axis];
    };
    const near = [0, 1, 2, 3].map(isNear);
    const along = points.map(some => some.filter(p => near.some(is => is(p))).length >= ALONG * some.length);
    const longest = size.map((_, n) => n).sort((a, b) => size[b] - size[a] || a - b)
      .filter(n => along[n] && large[n]).slice(0, 4);
    let found = [], most = 0;
    for (let number = 1; number <= longest.length; number++) {
      const frame = longest.slice(0, number), line = frame.flatMap(n => points[n]);
      const rest = boxes.map((_, n) => n).filter(n => large[n] && !frame.includes(n));
      if (!rest.length) break;
      const drawn = near.map((is, side) => {
        const across = 1 - side % 2, tenth = p => Math.floor((p[across] - low[across]) * (10 / extent[across]));
        return new Set(line.filter(is).map(p => Math.min(Math.max(tenth(p), 0), 9))).size >= DRAWN;
      });
      const [x, y, u, v] = boxOf(rest.map(n => boxes[n])), own = [u - x, v - y];
      const room = [x - left, y - top, right - u, bottom - v], sides = drawn.filter(on => on).length;
      const fits = room.every((r, side) => {
        const axis = side % 2, goes = drawn[1 - axis] || drawn[3 - axis];
        return !goes || ((drawn[side] || r >= PASSED * extent[axis]) && own[axis] <= WITHIN * extent[axis]);
      });
      const flat = own[1] < FLATTEST * own[0];
      if (sides > most && fits && !flat && !(sides === 1 && isStroke(line, rest.flatMap(n => points[n]), drawn)))
        [found, most] = [frame, sides];
    }
    return found;
  }

  // Whether a line that meets no other may be of the digit: the bar of a 5, the base of a 1, the stem of a 4.
  const LONGER = 1.25, LONGEST = 3, APART = 0.08;

  function isStroke(line, rest, [, above, toTheRight]) {
    const [x, y, u, v] = boxOf(rest.map(p => [...p, ...p])), extent = Math.max(u - x, v - y);
    const hook = toTheRight && !rest.some(p => p[0] > (x + u) / 2 && p[1] < (y + v) / 2);
    const [left, top, right, bottom] = boxOf(line.map(p => [...p, ...p])), goes = Math.max(right - left, bottom - top);
    const own = above ? extent : Math.max(right - left >= bottom - top ? u - x : v - y, extent / 2);
    const near = distance(line, rest) < APART * extent;
    return hook || near || goes < LONGER * own || goes > LONGEST * extent;
  }

  // Whether a line goes all the way round the rest, which is no dot and no slash of a 0.
  const SECTORS = 24, CLOSED = 22, THIN = 0.7, INSIDE = 0.97, STRAIGHT = 0.2, LEANING = 0.28, LEAST_RINGED = 0.35;

  function isRing(ring, rest) {
    const [left, top, right, bottom] = boxOf(rest.map(p => [...p, ...p])), [, high, , low] = boxOf(ring.map(p => [...p, ...p]));
    const width = Math.max(right - left, 1e-9), height = Math.max(bottom - top, 1e-9);
    if (height < Math.max(LEAST_RINGED * (low - high), FLATTEST * width)) return false;
    const at = rest.map(([x, y]) => [(x - left) / width, (y - top) / height]);
    const slash = Math.min(Math.max(...at.map(([x, y]) => Math.abs(x - y))), Math.max(...at.map(([x, y]) => Math.abs(x + y - 1))));
    if (slash < STRAIGHT && width > LEANING * height) return false;
    const reach = points => { // in each sector, how near and how far points are
      const near = new Array(SECTORS).fill(Infinity), far = new Array(SECTORS).fill(0);
      for (const [x, y] of points) {
        const dx = x - (left + right) / 2, dy = y - (top + bottom) / 2, away = Math.hypot(dx, dy);
        const sector = (Math.floor(Math.atan2(dx, dy) * (SECTORS / (2 * Math.PI))) + SECTORS) % SECTORS;
        near[sector] = Math.min(near[sector], away);
        far[sector] = Math.max(far[sector], away);
      }
      return [near, far];
    };
    const [near, far] = reach(ring), [, inner] = reach(rest);
    return near.filter((r, n) => r < Infinity && r >= THIN * far[n]).length >= CLOSED
      && inner.every((r, n) => r <= INSIDE * near[n]);
  }

  // The box [x, y, u, v] of segments or boxes.
  const boxOf = all => [0, 1, 2, 3].map(i => (i < 2
    ? Math.min(...all.map(s => Math.min(s[i], s[i + 2])))
    : Math.max(...all.map(s => Math.max(s[i - 2], s[i])))));

  const extentOf = ([x, y, u, v]) => Math.max(u - x, v - y);

  // Points along each piece; of many, the first in each field of the lattice.
  function pointsOf(pieces, spacing) {
    const points = pieces.map(piece => piece.flatMap(([x, y, u, v]) => {
      const last = Math.ceil(Math.hypot(u - x, v - y) / spacing);
      return Array.from({ length: last + 1 }, (_, n) => {
        const share = n / Math.max(last, 1);
        return [x + (u - x) * share, y + (v - y) * share];
      });
    }));
    if (sum(points.map(some => some.length)) <= 500) return points;
    const [left, top] = boxOf(pieces.flat());
    return points.map(some => {
      const fields = new Map();
      for (const point of some) {
        const field = `${Math.floor((point[0] - left) / spacing)} ${Math.floor((point[1] - top) / spacing)}`;
        if (!fields.has(field)) fields.set(field, point);
      }
      return [...fields.values()];
    });
  }

  const distance = (some, others) => Math.min(...some.map(([x, y]) =>
    Math.min(...others.map(([u, v]) => Math.hypot(u - x, v - y)))));

  // How far all of it leans: Cov(x, y) / Var(y), every segment by its length.
  function leanOf(segments) {
    const length = segments.map(([x, y, u, v]) => Math.hypot(u - x, v - y)), all = sum(length);
    if (!all) return 0;
    const mx = segments.map(([x, , u]) => (x + u) / 2), my = segments.map(([, y, , v]) => (y + v) / 2);
    const cx = sum(mx.map((m, i) => m * length[i])) / all, cy = sum(my.map((m, i) => m * length[i])) / all;
    const variance = sum(my.map((m, i) => length[i] * (m - cy) ** 2));
    const covariance = sum(my.map((m, i) => length[i] * (m - cy) * (mx[i] - cx)));
    return variance ? Math.min(Math.max(covariance / variance, -STEEPEST), STEEPEST) : 0;
  }

  // [dx, dy, part]: between points of a path a length apart on it, three a length; a shorter path whole.
  function chordsOf(segments, length) {
    const own = segments.map(([x, y, u, v]) => Math.hypot(u - x, v - y)), stop = [], path = [], chords = [];
    own.forEach((l, i) => {
      const [x, y] = segments[i], before = segments[i - 1];
      stop.push((stop[i - 1] ?? 0) + l);
      path.push(i ? path[i - 1] + (before[2] !== x || before[3] !== y) : 0);
    });
    const point = (i, at) => {
      const [x, y, u, v] = segments[i], share = (at - (stop[i] - own[i])) / (own[i] || 1);
      return [x + (u - x) * share, y + (v - y) * share];
    };
    const segmentAt = at => Math.min(Math.max(stop.findIndex(s => s >= at), 0), own.length - 1);
    const end = stop[stop.length - 1], steps = Math.ceil((end - length) / (length / 3));
    for (let n = 0; n < steps; n++) {
      const t = n * length / 3, i = segmentAt(t), j = segmentAt(t + length);
      if (path[i] !== path[j]) continue;
      const [x, y] = point(i, t), [u, v] = point(j, t + length);
      chords.push([u - x, v - y, 1 / 3]);
    }
    for (let first = 0, last; first < own.length; first = last + 1) {
      last = path.lastIndexOf(path[first]);
      if (stop[last] - (stop[first] - own[first]) < length)
        chords.push([segments[last][2] - segments[first][0], segments[last][3] - segments[first][1], 1]);
    }
    return chords;
  }

  // How far a drawing leans: as its stem does, or where it has none, all of it.
  function slantOf(segments) {
    const ys = segments.flatMap(s => [s[1], s[3]]), height = Math.max(...ys) - Math.min(...ys);
    if (!height) return 0;
    const all = sum(segments.map(([x, y, u, v]) => Math.hypot(u - x, v - y)));
    const steep = chordsOf(segments, Math.max(STEM_CHORD * height, all / MOST_CHORDS))
      .filter(([, dy]) => Math.abs(dy) > 1e-9 * height)
      .map(([dx, dy, part]) => ({ slant: dx / dy, rise: Math.abs(dy) * part }));
    const rises = Math.max(sum(steep.map(c => c.rise)), 1e-9);
    // how much each is of the stems 15° to the left … 15° to the right
    const near = steep.map(({ slant }) => [-3, -2, -1, 0, 1, 2, 3].map(k =>
      Math.min(Math.max(1.5 - Math.abs(slant - k * STEM_SPREAD) / STEM_SPREAD, 0), 1)));
    const shares = UPRIGHT.map((_, k) => sum(steep.map(({ rise }, i) => rise * near[i][k])) / rises);
    const weighed = shares.map((share, k) => share * UPRIGHT[k]), best = weighed.indexOf(Math.max(...weighed));
    const others = sum(steep.map(({ rise }, i) => rise * Math.max(...near[i]))) / rises - shares[best];
    const [low, high] = STEM_SHARES, share = shares[best] / Math.max(1 - others, 1e-9);
    const part = Math.min(Math.max((share - low) / (high - low), 0), 1);
    const isStem = part * part * (3 - 2 * part);
    const weights = steep.map(({ rise }, i) => rise * near[i][best]);
    const stem = isStem ? sum(steep.map(({ slant }, i) => slant * weights[i])) / sum(weights) : 0;
    return isStem * stem + (1 - isStem) * leanOf(segments);
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
    const segments = belonging(strokes.map(segmentsOf).filter(piece => piece.length)).flat();
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

  // The parts of strokes that are on a canvas from 0 to `side`: what is drawn outside nobody sees.
  // Each segment p + t (q − p) is cut where it passes a side [Liang and Barsky 1984].
  function seen(strokes, side) {
    const inside = point => point.every(value => value >= 0 && value <= side);
    return strokes.flatMap(stroke => {
      if (stroke.every(inside)) return [stroke];
      const parts = [];
      let goesOn = false;
      stroke.slice(1).forEach((q, n) => {
        const p = stroke[n], along = t => p.map((at, i) => (t === 1 ? q[i] : at + t * (q[i] - at)));
        let begin = 0, end = 1;
        p.forEach((at, i) => {
          const way = q[i] - at;
          if (!way && (at < 0 || at > side)) end = -1;
          if (!way) return;
          const [low, high] = [-at / way, (side - at) / way].sort((a, b) => a - b);
          [begin, end] = [Math.max(begin, low), Math.min(end, high)];
        });
        if (begin <= end && !goesOn) parts.push([along(begin)]);
        if (begin <= end) parts[parts.length - 1].push(along(end));
        goesOn = begin <= end && end === 1;
      });
      return parts;
    });
  }

  return { grid, features, scores, softmax, probabilities, seen };
})();
