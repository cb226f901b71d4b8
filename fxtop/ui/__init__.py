"""The console's screens: the only room that knows Textual.

Data comes down by plain calls on a tick; what a person wants goes up as messages. `keytable`, `keymap` and `commands`
are plain data and import no Textual, so that help texts and README can be made from them anywhere.
"""

from __future__ import annotations

import os

os.environ.setdefault("TEXTUAL_FPS", "240")
# Textual 8.2 reads this once, when it is imported. After a paint it waits for the next beat of this clock, which at its
# own 60 a second makes a key wait for up to 33 ms. Nothing beats while there is nothing to paint.
