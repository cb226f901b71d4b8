"""The console's screens: the only room that knows Textual.

Data comes down by plain calls on a tick; what a person wants goes up as messages. `keytable`, `keymap` and `commands`
are plain data and import no Textual, so that help texts and README can be made from them anywhere.
"""
