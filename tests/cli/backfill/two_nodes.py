"""A Ray cluster of two nodes with one core each, on loopback: prints its address, and ends with its input."""

import sys

from ray.cluster_utils import Cluster

MEMORY = 100 << 20

if __name__ == "__main__":
    here = {"node_ip_address": "127.0.0.1", "num_cpus": 1, "object_store_memory": MEMORY, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=here)
    cluster.add_node(**here)
    print(cluster.address, flush=True)  # noqa: T201 - whoever started it reads it
    sys.stdin.read()
    cluster.shutdown()
