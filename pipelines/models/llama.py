# SPDX-License-Identifier: LGPL-2.1-or-later
"""Llama, cut behind its last decoder layer, in front of the final norm."""
import torch

from errors import loading, need

PROMPT = ("<|start_header_id|>user<|end_header_id|>\n\n"
          "Given the following question and four candidate answers (A, B, C and D), choose the best answer.\n"
          "Question: {question}\n{choices}"
          'Your response should end with "The best answer is [the_answer_letter]" where the '
          "[the_answer_letter] is one of A, B, C or D.<|eot_id|>"
          "<|start_header_id|>assistant<|end_header_id|>\n\nThe best answer is")
LETTERS = "ABCDE"


def load(folder, dtype="float32"):
    """The model and its tokenizer"""
    import transformers
    with loading(folder):
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    need(config.model_type == "llama", f"{folder}: this is a model of type '{config.model_type}', not llama")
    with loading(folder):
        model = transformers.LlamaForCausalLM.from_pretrained(folder, local_files_only=True, dtype=getattr(torch, dtype))
        return model.eval(), transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)


class Split:
    """Runs the whole model and keeps what goes into its final norm."""

    def __init__(self, model):
        self.model, self.feature = model, None
        model.model.norm.register_forward_pre_hook(self.keep)

    def keep(self, _, inputs):
        self.feature = inputs[0]

    @torch.no_grad()
    def __call__(self, tokens):
        """1xN token ids -> (1xNxD feature, 1xV logits of the last token)"""
        logits = self.model(tokens.to(self.model.device), use_cache=False).logits[:, -1]
        return self.feature, logits


class CsrHead(torch.nn.Module):
    """RMS norm and output layer, of the last token alone."""

    def __init__(self, model):
        super().__init__()
        self.register_buffer("scale", model.model.norm.weight.detach().float())
        self.epsilon = model.config.rms_norm_eps
        self.register_buffer("weight", model.lm_head.weight.detach().float())

    def forward(self, feature):
        last = feature.reshape(-1, self.scale.shape[0])[-1:]
        last = last * torch.rsqrt(last.pow(2).mean(1, keepdim=True) + self.epsilon)
        return torch.nn.functional.linear(last * self.scale, self.weight)


def prompt(question, choices):
    lines = "".join(f"{letter}: {text}\n" for letter, text in zip(LETTERS, choices))
    return PROMPT.format(question=question, choices=lines)


def letter_tokens(tokenizer, count):
    """The token of each answer, as the model writes it behind the prompt: a blank and a letter."""
    tokens = []
    for letter in LETTERS[:count]:
        ids = tokenizer.encode(" " + letter, add_special_tokens=False)
        need(len(ids) == 1, f"the tokenizer makes {len(ids)} tokens of ' {letter}', the answers need one each")
        tokens.append(ids[0])
    return tokens
