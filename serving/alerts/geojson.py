"""Alerts as GeoJSON (RFC 7946), for maps; an alert without a place has no geometry."""

from typing import Any

from serving.alerts.documents import AlertDocument, AlertPage, ClusterDocument

Feature = dict[str, Any]


def feature(alert: AlertDocument) -> Feature:
    """One alert; its properties are the fields of its document, but for the place."""
    properties = alert.model_dump(mode="json", exclude={"lat", "lon"})
    point = None if alert.lon is None else {"type": "Point", "coordinates": [alert.lon, alert.lat]}
    return {"type": "Feature", "id": alert.id, "geometry": point, "properties": properties}


def page_collection(page: AlertPage) -> Feature:
    """A page of alerts; `cursor` is a foreign member."""
    return _collection(page.alerts) | {"cursor": page.cursor}


def cluster_collection(cluster: ClusterDocument) -> Feature:
    """A cluster; its own fields are foreign members."""
    return _collection(cluster.alerts) | cluster.model_dump(mode="json", exclude={"alerts"})


def _collection(alerts: tuple[AlertDocument, ...]) -> Feature:
    return {"type": "FeatureCollection", "features": [feature(alert) for alert in alerts]}
