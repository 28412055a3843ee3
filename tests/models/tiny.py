# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tiny models with random weights, of the architectures of DINOv2 ViT-g, Llama 3 and Stable Diffusion
3, and data sets of a few samples, in the folders in which the real ones come."""
import json
import pathlib

import numpy
import torch
import transformers
from PIL import Image

WIDTH = 32


def dinov2(folder, classes=0):
    """With SwiGLU and four times two blocks; with classes: the classifier too."""
    torch.manual_seed(1)
    config = transformers.Dinov2Config(hidden_size=WIDTH, num_hidden_layers=8, num_attention_heads=2, patch_size=14,
                                       image_size=518, use_swiglu_ffn=True, layerscale_value=0.5,
                                       initializer_range=0.2, num_labels=max(classes, 1))
    kind = transformers.Dinov2ForImageClassification if classes else transformers.Dinov2Model
    model = kind(config).eval()
    with torch.no_grad():  # an untrained norm and untrained positions would hide that they are missing
        for name, weight in model.named_parameters():
            if "layernorm" in name or "norm1" in name or "position" in name or "cls_token" in name:
                weight.add_(0.3 * torch.randn_like(weight))
    model.save_pretrained(folder)
    return model


def tokenizer(folder, texts):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    whole = Tokenizer(models.BPE())
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    whole.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=400, special_tokens=["<|eot_id|>"]))
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=whole, eos_token="<|eot_id|>")
    fast.save_pretrained(folder)
    return fast


def llama(folder, texts, dtype=torch.float32):
    """Knows no words but the four letters."""
    words = tokenizer(folder, texts)
    torch.manual_seed(2)
    config = transformers.LlamaConfig(hidden_size=WIDTH, intermediate_size=48, num_hidden_layers=3,
                                      num_attention_heads=4, num_key_value_heads=2, vocab_size=len(words),
                                      tie_word_embeddings=False, rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
                                      initializer_range=0.3)
    model = transformers.LlamaForCausalLM(config).eval()
    with torch.no_grad():
        model.model.norm.weight.add_(0.3 * torch.randn(WIDTH))
        letters = [words.encode(" " + letter, add_special_tokens=False)[0] for letter in "ABCD"]
        a, b = 5 * torch.randn(2, WIDTH)
        model.lm_head.weight[letters] = torch.stack((a, -a, b, -b))  # one of them is large always
    model.to(dtype).save_pretrained(folder)
    return model.float()


def vae():
    import diffusers
    torch.manual_seed(3)
    return diffusers.AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=16, block_out_channels=(8, 8, 16, 16), norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, layers_per_block=1,
        scaling_factor=1.5305, shift_factor=0.0609, use_quant_conv=False, use_post_quant_conv=False).eval()


def clip(folder, seed):
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    letters = [chr(c) for c in range(33, 127)]
    words = letters + [letter + "</w>" for letter in letters] + ["<|startoftext|>", "<|endoftext|>"]
    vocab, merges = pathlib.Path(folder) / "vocab.json", pathlib.Path(folder) / "merges.txt"
    vocab.write_text(json.dumps({word: k for k, word in enumerate(words)}))
    merges.write_text("#version: 0.2\n")
    names = transformers.CLIPTokenizer(str(vocab), str(merges), model_max_length=77)
    torch.manual_seed(seed)
    config = transformers.CLIPTextConfig(hidden_size=WIDTH, intermediate_size=37, num_attention_heads=4,
                                         num_hidden_layers=2, vocab_size=len(words), projection_dim=WIDTH,
                                         bos_token_id=len(words) - 2, eos_token_id=len(words) - 1,
                                         pad_token_id=len(words) - 1)
    return transformers.CLIPTextModelWithProjection(config).eval(), names


def sd3(folder):
    """Without the third text encoder, without which the pipeline works too."""
    import diffusers
    torch.manual_seed(4)
    transformer = diffusers.SD3Transformer2DModel(
        sample_size=128, patch_size=2, in_channels=16, num_layers=1, attention_head_dim=8, num_attention_heads=4,
        joint_attention_dim=4 * WIDTH, caption_projection_dim=WIDTH, pooled_projection_dim=2 * WIDTH, out_channels=16,
        pos_embed_max_size=192).eval()
    encoders = [clip(pathlib.Path(folder) / f"words{k}", 5 + k) for k in range(2)]
    pipeline = diffusers.StableDiffusion3Pipeline(
        transformer=transformer, scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0), vae=vae(),
        text_encoder=encoders[0][0], tokenizer=encoders[0][1], text_encoder_2=encoders[1][0],
        tokenizer_2=encoders[1][1], text_encoder_3=None, tokenizer_3=None)
    pipeline.save_pretrained(folder)
    return pipeline


class Inception(torch.nn.Module):
    """Called like the network of StyleGAN's metrics: integers in, and a flag."""

    def forward(self, image: torch.Tensor, return_features: bool = False) -> torch.Tensor:
        assert image.dtype == torch.uint8
        mean = image.float().mean([2, 3])
        return torch.cat((mean, mean), 1) if return_features else mean


def picture(path, width, height, seed):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = numpy.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=numpy.uint8))
    small.resize((width, height), Image.Resampling.BICUBIC).save(path)


def pictures(folder, count):
    for k in range(count):
        picture(folder / f"group{k % 3}" / f"ILSVRC2012_val_{k:08}.png", 300 + 20 * k, 280, 10 + k)


def voc(folder, sizes):
    (folder / "SegmentationClass").mkdir(parents=True)
    (folder / "ImageSets/Segmentation").mkdir(parents=True)
    names = []
    for k, (width, height) in enumerate(sizes):
        names.append(f"2007_{k:06}")
        picture(folder / "JPEGImages" / f"{names[-1]}.jpg", width, height, 40 + k)
        truth = numpy.zeros((height, width), numpy.uint8)
        truth[50:90, 60:200] = k % 20 + 1
        truth[90:93] = 255
        image = Image.fromarray(truth, "P")
        image.putpalette(list(range(256)) * 3)
        image.save(folder / "SegmentationClass" / f"{names[-1]}.png")
    (folder / "ImageSets/Segmentation/val.txt").write_text("\n".join(names) + "\n")


def nyu(folder, categories, each, width=640, height=480):
    rows = []
    for c, category in enumerate(categories):
        for k in range(each):
            image, depth = f"{category}/rgb_{k:05}.jpg", f"{category}/sync_depth_{k:05}.png"
            picture(folder / image, width, height, 70 + 10 * c + k)
            ramp = numpy.linspace(0, 9999, width * height).astype(numpy.uint16).reshape(height, width)
            Image.fromarray(ramp).save(folder / depth)
            rows.append(f"{image} {depth} 518.8579")
    (folder / "nyu_test.txt").write_text("\n".join(rows) + "\n")


def arc(path, count):
    items = []
    for k in range(count):
        texts = [f"the {'very ' * (k % 5)}large thing {k} {c}" for c in range(4)]
        labels = "1234" if k % 2 else "ABCD"
        items.append({"id": f"Mercury_{k}", "answerKey": labels[k % 4],
                      "question": {"stem": f"Which of these {'things ' * (k % 7)}is number {k}?",
                                   "choices": [{"text": t, "label": n} for t, n in zip(texts, labels)]}})
    items.append(dict(items[0], id="five", question={"stem": "Five?", "choices": [
        {"text": "x", "label": letter} for letter in "ABCDE"]}))
    pathlib.Path(path).write_text("\n".join(json.dumps(item) for item in items) + "\n")
    return items
