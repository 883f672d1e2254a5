"""A relative, or somebody in the village, gathers an applicant's papers (帮办), and can do nothing else."""
