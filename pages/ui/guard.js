// What is kept for the theme and is no JSON would end Streamlit's scripts before a page is there.
try {
  for (const name of Object.keys(localStorage))
    if (name.startsWith("stActiveTheme"))
      try { JSON.parse(localStorage.getItem(name)); } catch { localStorage.removeItem(name); }
} catch { /* storage is forbidden: nothing is kept */ }
