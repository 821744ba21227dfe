"""Captions as sites have them for their songs, read as lines: whatever the format, each word once, with its time.

A site's recogniser stamps words and shows its rows rolling, so that a file holds most rows two or three times; captions
by a person have a time for each row only. `tracks` knows which file of several is meant, `offered` which are worth
fetching; getting them is `media.download`'s. `reading` is imported when something is read: a plan asks for names only.
"""

from vktrs.media.site_captions.formats import SUFFIXES
from vktrs.media.site_captions.tracks import Track, choose_track, track_of, tracks_beside, wanted_kind

__all__ = ["SUFFIXES", "Track", "choose_track", "track_of", "tracks_beside", "wanted_kind"]
