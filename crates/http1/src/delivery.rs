//! How bodies reach the user.

/// How bodies reach the user of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Delivery {
    /// Each body is gathered, up to its limit, and given away with its head, as one value.
    #[default]
    Whole,
    /// First the head, then the pieces of the body as they come, lent; nothing is gathered.
    Pieces,
}

/// Bytes of a body that are gathered at most, though its limit be higher or none: what an
/// [`Input`](sansocket_core::Input) counts with ease.
const MOST_GATHERED: u64 = 1 << 30;

impl Delivery {
    /// The limits that hold for this delivery.
    pub(crate) fn bound(self, limits: crate::BodyLimits) -> crate::BodyLimits {
        match self {
            Delivery::Whole => {
                let body = limits.body.map_or(MOST_GATHERED, |body| body.min(MOST_GATHERED));
                crate::BodyLimits { body: Some(body), ..limits }
            }
            Delivery::Pieces => limits,
        }
    }
}
