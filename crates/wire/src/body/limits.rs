//! How much a request may carry before anything in it is believed.

/// Limits of one reading. Lengths are in bytes of decoded UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Parameters of the query and of a form; of JSON all values, nested ones counted.
    pub parameters_max: usize,
    pub name_max_bytes: usize,
    pub value_max_bytes: usize,
    /// Levels of lists and objects, the outermost one counted.
    pub depth_max: usize,
    /// Items of one list, or members of one object.
    pub items_max: usize,
    /// The body, unpacked.
    pub body_max_bytes: usize,
}

impl Limits {
    /// For a face whose parameters are a handful of short texts.
    pub const FLAT: Self = Self {
        parameters_max: 64,
        name_max_bytes: 128,
        value_max_bytes: 8 * 1024,
        depth_max: 32,
        items_max: 64,
        body_max_bytes: 16 * 1024 * 1024,
    };

    /// For a face that is sent whole applications, with contacts, calls and bills.
    pub const NESTED: Self = Self {
        parameters_max: 500_000,
        name_max_bytes: 256,
        value_max_bytes: 1024 * 1024,
        depth_max: 32,
        items_max: 100_000,
        body_max_bytes: 16 * 1024 * 1024,
    };
}
