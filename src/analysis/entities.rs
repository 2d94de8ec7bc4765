//! Which people, bodies, places, events, instruments and dates does a sentence name?
