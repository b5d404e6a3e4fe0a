"""The supervisor, which owns the processes of tasks: a process of its own, standard library only.

Never imported by fairwf: ``supervisor.py`` starts it. File descriptor 0 is a socket to the engine;
each message is its length (4 bytes, little endian) and a dict as :mod:`marshal` writes it
(``backend.py`` says which), since both ends are the same Python, and each module that is not loaded
here makes every run start sooner. When the engine ends, however it ends, the socket closes, and
then every process that a task has started is ended too: the supervisor is their subreaper, so even
those that left their process group are its children.

One thread, no polling: it sleeps in ``epoll`` until a message, a child's end, output or a time
limit. An output that is only a log comes through a pipe, and its file is made when something is
written: most tasks write nothing there, and a file costs as much as a fifth of a short task.

Short tasks come ahead, a few of them: each starts in the place of the next one of its lane that
ends. While some wait here, ends are told together, since to wake the engine for each of them costs
as much as what it then does.
"""
