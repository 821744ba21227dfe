"""What every service on a network needs, whatever it makes: keys, addresses, time, trying again, what it said.

    key.py       a key that shows itself nowhere        network.py   proxies, certificates, the client, deadlines
    retrying.py  trying again                           saying.py    the body of an answer, and a service's own words
    table.py     names in the storyboard

Which services there are is said in `stability` and `transcription`. Importing this is light.
"""
