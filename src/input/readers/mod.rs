//! Readers: the bytes of one file to its text.

pub mod docx;
pub mod html;
mod markdown;
pub mod pdf;
pub mod text;
