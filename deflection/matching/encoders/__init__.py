"""Sentence embeddings: which there are, and vectors of texts."""

from deflection.matching.encoders.base import Encoder, EncoderError, Kind, Vectors
from deflection.matching.encoders.bulk import vectors
from deflection.matching.encoders.cache import VectorCache
from deflection.matching.encoders.current import current_encoder

__all__ = ["Encoder", "EncoderError", "Kind", "VectorCache", "Vectors", "current_encoder", "vectors"]
