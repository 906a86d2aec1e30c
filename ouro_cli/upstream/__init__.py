"""Everything that talks to other machines; httpx lives here and nowhere else."""
