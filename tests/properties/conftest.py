"""One fixed profile: the same examples at every run, and few enough to be quick."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ouro",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("ouro")
