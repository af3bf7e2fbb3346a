"""What is said of an alert beside its text, as messages."""

from collections.abc import Mapping

from serving.desk.languages import N_
from triage.alert import Channel
from triage.store.records import State

STATE_NAMES: Mapping[State, str] = {
    "open": N_("open"),
    "in_progress": N_("in progress"),
    "closed": N_("closed"),
    "withdrawn": N_("withdrawn"),
}
CHANNEL_NAMES: Mapping[Channel, str] = {
    "application": N_("by the application"),
    "telephone": N_("by telephone"),
    "email": N_("by e-mail"),
    "web": N_("on the web"),
}
