"""The lines around the panes: header, bus, summary, pane strip, events, keys, and the prompt."""
