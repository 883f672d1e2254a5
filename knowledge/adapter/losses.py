"""What the training of the adapter makes small, over the cosines of one batch."""

import torch
from torch.nn.functional import softplus

HARDEST = 400


def measure_contrast(cosines: torch.Tensor, same: torch.Tensor, temperature: float) -> torch.Tensor:
    """InfoNCE: how badly each text finds each other text of its group among all texts of other groups.

    `cosines` (n, n); `same` (n, n): whether two texts are of one group, themselves included.
    """
    itself = torch.eye(len(same), dtype=torch.bool)
    logits = cosines / temperature
    others = logits.masked_fill(same, -torch.inf).logsumexp(dim=1, keepdim=True)
    return (torch.logaddexp(logits, others) - logits)[same & ~itself].mean()


def measure_ranking(cosines: torch.Tensor, same: torch.Tensor, temperature: float) -> torch.Tensor:
    """How badly all pairs of one group rank above the `HARDEST` pairs of different groups, whichever texts they are of.

    Contrast compares the pairs of one text only; a threshold on cosines needs them comparable among texts.
    """
    once = torch.ones_like(same).triu(diagonal=1)
    alike, unlike = cosines[same & once], cosines[~same & once]
    hardest = unlike.topk(min(HARDEST, len(unlike))).values
    return softplus((hardest[:, None] - alike[None]) / temperature).mean()
