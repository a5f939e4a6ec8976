"""Widgets, with what ipywidgets leave out: names that are read out, and a state and a focus that are seen."""

from typing import Any

WHOLE = "calc(100% - 4px)"  # the page's width, less a widget's margins: so wide at most, and nothing scrolls

# Which button is pressed and where the focus is must not hang on a shade of grey: forced colours drop shades.
# Words below a widget wrap, and what is wider than the page scrolls without them.
_FOCUSED = ", ".join(f".jupyter-widgets {it}:focus-visible" for it in (".jupyter-button", "input", ".noUi-handle"))
_STYLE = f"""
.jupyter-widgets .widget-html-content {{ min-width: 0; line-height: 1.5; white-space: normal; }}
.jupyter-widgets .widget-toggle-button.mod-active {{
  border: 2px solid currentColor; padding: 0 8px; line-height: calc(var(--jp-widgets-inline-height, 28px) - 4px); }}
{_FOCUSED} {{ outline: 3px solid var(--jp-brand-color1, #1976d2) !important; outline-offset: -1px; }}
@media (forced-colors: active) {{
  .jupyter-widgets .jupyter-button, .jupyter-widgets .noUi-target {{ border: 1px solid; }}
  .jupyter-widgets .widget-toggle-button.mod-active {{
    forced-color-adjust: none; color: HighlightText; background: Highlight; border-color: HighlightText; }}
  {_FOCUSED} {{ outline-color: Highlight !important; outline-offset: 2px; }} }}
"""
# A slider's label is not tied to its handle, a pressed button is one by its colour only, and hovering says 'null'.
_NAMES = """
{ const place = document.currentScript.closest('.jp-OutputArea') || document.body;
  const set = (it, name, value) => it && it.getAttribute(name) !== value && it.setAttribute(name, value);
  const tell = () => {
    for (const all of place.querySelectorAll('.widget-slider, .widget-toggle-buttons')) {
      const name = all.querySelector('label')?.textContent || '';
      set(all.querySelector('[role=slider]'), 'aria-label', name);
      set(all.querySelector('.widget-readout'), 'role', 'textbox');
      set(all.querySelector('.widget-readout'), 'aria-label', name);
      if (!all.matches('.widget-toggle-buttons')) continue;
      set(all, 'role', 'group');
      set(all, 'aria-label', name);
      for (const button of all.querySelectorAll('button'))
        set(button, 'aria-pressed', String(button.matches('.mod-active')));
    }
    for (const it of place.querySelectorAll('[title=null]')) it.removeAttribute('title');
  };
  new MutationObserver(tell).observe(place, {subtree: true, childList: true, attributeFilter: ['class', 'title']});
  tell(); }
"""


def play(*parts: Any) -> None:
    """Displays widgets one below the other; by keyboard, by ear and in forced colours they say what they are."""
    import ipywidgets as w
    from IPython.display import display

    display(w.VBox(list(parts)))
    html = f"<style>{_STYLE}</style><script>{_NAMES}</script>"
    display({"text/html": html, "text/plain": ""}, raw=True)
