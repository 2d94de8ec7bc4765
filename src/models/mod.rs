//! Everything that reads sentences with learned or listed knowledge of the world.
