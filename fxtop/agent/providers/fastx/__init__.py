"""The sessions of a machine that runs FastX, from what is documented and what the kernel tells.

FastX has no documented command that lists or ends sessions. What is documented is where a session keeps its directory
(``SessionPath`` of FastX.conf), and that its X authority lies in there. The processes of a session carry that path in
``XAUTHORITY``, which joins the two. Connected clients and idle time can't be seen this way and stay null.
"""
