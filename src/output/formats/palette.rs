//! The colours of charts and marks.
//!
//! Eight hues that people with any kind of colour blindness tell apart by lightness or hue, after Okabe and Ito (Color
//! Universal Design, 2008) and darkened until white letters on them have a contrast of 4.5 to 1 or more (WCAG 2.2,
//! 1.4.3). From the ninth theme on they come again: letters beside them, not colours, are what tells themes apart.

/// The colours of the themes, in the order of the taxonomy, as red, green and blue.
pub(crate) const THEMES: [(u8, u8, u8); 8] = [
    (0, 92, 158),
    (0, 115, 85),
    (168, 64, 0),
    (140, 52, 112),
    (122, 90, 0),
    (60, 66, 148),
    (10, 108, 128),
    (158, 40, 60),
];

/// The colour of sentences without a theme.
pub(crate) const NONE: (u8, u8, u8) = (96, 102, 110);

/// The colour of the theme at this position.
pub(crate) fn theme(position: usize) -> (u8, u8, u8) {
    THEMES.get(position % THEMES.len()).copied().unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance((red, green, blue): (u8, u8, u8)) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    #[test]
    fn white_letters_can_be_read_on_every_colour() {
        for colour in THEMES.into_iter().chain([NONE]) {
            let contrast = 1.05 / (luminance(colour) + 0.05);
            assert!(contrast >= 4.5, "{colour:?}: {contrast:.2}");
        }
    }
}
