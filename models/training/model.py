"""The encoder and its two heads, in plain operations so that any ONNX runtime can run them."""

import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from labels import TAGS, THEMES

HIDDEN, LAYERS, HEADS, INNER, POSITIONS, VOCABULARY = 384, 6, 12, 1536, 512, 30522
RULE_THEME = 4.0


class RoundedLinear(nn.Linear):
    """A linear layer that in training computes as its int8 form will: weights in 7 bits per channel, inputs in 8 bits per window.

    Gradients pass the rounding unchanged (Bengio et al. 2013; Jacob et al. 2018). In evaluation it is a plain layer.
    """

    def forward(self, inputs: Tensor) -> Tensor:
        if not self.training:
            return super().forward(inputs)
        with torch.no_grad():
            step = self.weight.abs().amax(1, keepdim=True) / 64
            weight_change = torch.round(self.weight / step) * step - self.weight
            low = inputs.amin((1, 2), keepdim=True).clamp(max=0)
            step = ((inputs.amax((1, 2), keepdim=True).clamp(min=0) - low) / 255).clamp(min=1e-8)
            input_change = torch.round(inputs / step) * step - inputs
        return nn.functional.linear(inputs + input_change, self.weight + weight_change, self.bias)


class Layer(nn.Module):
    """One transformer layer of BERT (Devlin et al. 2019): attention and a feed-forward net, each with residual and norm."""

    def __init__(self, dropout: float):
        super().__init__()
        self.query, self.key, self.value = (RoundedLinear(HIDDEN, HIDDEN) for _ in range(3))
        self.attended = RoundedLinear(HIDDEN, HIDDEN)
        self.attended_norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.inner, self.outer = RoundedLinear(HIDDEN, INNER), RoundedLinear(INNER, HIDDEN)
        self.outer_norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        batch, length, _ = hidden.shape

        def heads(x: Tensor) -> Tensor:
            return x.reshape(batch, length, HEADS, HIDDEN // HEADS).transpose(1, 2)

        query, key, value = heads(self.query(hidden)), heads(self.key(hidden)), heads(self.value(hidden))
        scores = torch.matmul(query, key.transpose(2, 3)) / math.sqrt(HIDDEN // HEADS) + bias
        mixed = torch.matmul(self.dropout(torch.softmax(scores, dim=-1)), value)
        mixed = mixed.transpose(1, 2).reshape(batch, length, HIDDEN)
        hidden = self.attended_norm(hidden + self.dropout(self.attended(mixed)))
        inner = nn.functional.gelu(self.inner(hidden))
        return self.outer_norm(hidden + self.dropout(self.outer(inner)))


class Reader(nn.Module):
    """MiniLM-L6 that reads a window of sentences: tag scores a word piece, theme scores a sentence.

    Two embeddings join BERT's words and positions: the casing of the word (in the place of BERT's token types) and the tag
    that the rules give it (0 for none).
    """

    def __init__(self, dropout: float = 0.1):
        super().__init__()
        self.word = nn.Embedding(VOCABULARY, HIDDEN)
        self.position = nn.Embedding(POSITIONS, HIDDEN)
        self.casing = nn.Embedding(4, HIDDEN)
        self.rule = nn.Embedding(len(TAGS), HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.entities = nn.Linear(HIDDEN, len(TAGS))
        self.themes = nn.Linear(HIDDEN + len(THEMES), len(THEMES))
        for weight in (self.entities.weight, self.themes.weight):
            nn.init.normal_(weight, std=0.02)
        for bias in (self.entities.bias, self.themes.bias):
            nn.init.zeros_(bias)
        nn.init.zeros_(self.rule.weight)
        # What the rules say of the themes counts from the start: a probability of 1 adds RULE_THEME to the logit.
        with torch.no_grad():
            self.themes.weight[:, HIDDEN:] = RULE_THEME * torch.eye(len(THEMES))
            self.themes.bias.fill_(-RULE_THEME / 2)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor,
        rule_tags: Tensor,
        pooling: Tensor,
        rule_themes: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Shapes: the first four [batch, tokens]; `pooling` [batch, sentences, tokens], a row the mean over a sentence's
        word pieces; `rule_themes` [batch, sentences, themes], probabilities or zeros. Gives tag logits
        [batch, tokens, tags] and theme logits [batch, sentences, themes]."""
        positions = self.position.weight[: input_ids.shape[1]]
        hidden = self.word(input_ids) + positions + self.casing(token_type_ids) + self.rule(rule_tags)
        hidden = self.dropout(self.norm(hidden))
        bias = (1.0 - attention_mask[:, None, None, :].to(hidden.dtype)) * -10000.0
        for layer in self.layers:
            hidden = layer(hidden, bias)
        pooled = torch.matmul(pooling.to(hidden.dtype), hidden)
        pooled = torch.cat([self.dropout(pooled), rule_themes.to(hidden.dtype)], dim=2)
        return self.entities(self.dropout(hidden)), self.themes(pooled)


def hugging_face_names() -> dict[str, str]:
    """Our parameter names, with the names that Hugging Face's BertModel has for them."""
    embeddings = "embeddings."
    names = {
        "word.weight": embeddings + "word_embeddings.weight",
        "position.weight": embeddings + "position_embeddings.weight",
        "casing.weight": embeddings + "token_type_embeddings.weight",
        "rule.weight": embeddings + "rule_embeddings.weight",
        "norm.weight": embeddings + "LayerNorm.weight",
        "norm.bias": embeddings + "LayerNorm.bias",
    }
    parts = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        "inner": "intermediate.dense",
        "outer": "output.dense",
        "outer_norm": "output.LayerNorm",
    }
    for layer in range(LAYERS):
        for ours, theirs in parts.items():
            for kind in ("weight", "bias"):
                names[f"layers.{layer}.{ours}.{kind}"] = f"encoder.layer.{layer}.{theirs}.{kind}"
    for head, theirs in (("entities", "entity_classifier"), ("themes", "theme_classifier")):
        for kind in ("weight", "bias"):
            names[f"{head}.{kind}"] = f"{theirs}.{kind}"
    return names


def table_in_int8(table: Tensor) -> tuple[Tensor, Tensor]:
    """The word embeddings as integers of 8 bits, and the scale of every row [rows, 1]."""
    scale = table.abs().amax(1, keepdim=True) / 127
    return torch.round(table / scale).to(torch.int8), scale


def from_base(folder: Path, dropout: float = 0.1) -> Reader:
    """A reader with the encoder of all-MiniLM-L6-v2; every casing begins as BERT's first token type."""
    base = load_file(folder / "model.safetensors")
    reader = Reader(dropout)
    state = reader.state_dict()
    for ours, theirs in hugging_face_names().items():
        if theirs == "embeddings.token_type_embeddings.weight":
            state[ours] = base[theirs][:1].repeat(4, 1)
        elif theirs in base:
            state[ours] = base[theirs]
    # The table is not trained, so that the model can learn with the very values that int8 leaves of it.
    rows, scale = table_in_int8(state["word.weight"])
    state["word.weight"] = rows * scale
    reader.load_state_dict(state)
    return reader
