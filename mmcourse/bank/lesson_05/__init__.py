"""Lesson 05, Transformer text encoders: one module an exercise."""

from . import direction, dot, encoder, heads, layer, places, predict, wild

EXERCISES = (
    dot.attention,
    heads.multi_head,
    predict.numbers,
    places.waves,
    layer.encoder_layer,
    encoder.text_encoder,
    wild.pool,
    direction.both_ways,
)
