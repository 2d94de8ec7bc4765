//! What is a sentence about?
