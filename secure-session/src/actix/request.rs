//! The sessions of one request, made when asked for.

use std::{any::TypeId, sync::Arc};

use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};
use smallvec::SmallVec;

use super::registry::{Registration, Registry};
use crate::{
    codec::Codec,
    cookie::RequestCookies,
    session::SecureSession,
    session::{ErasedCell, Session, SessionCell},
};

/// Why a session type is not at hand in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookupError {
    /// There is no middleware around the route.
    Middleware,
    /// The middleware does not know the type.
    Registration,
    /// An inner middleware knows it, under a cookie name that an outer one serves.
    NameTaken,
}

/// The sessions of one request, shared by all middlewares around its route.
#[derive(Default)]
pub(super) struct RequestSessions {
    /// Further middlewares, inside the one that they are kept by.
    inner: Vec<Arc<Registry>>,
    cookies: Option<RequestCookies>,
    pub(super) slots: Slots,
    pub(super) closed: bool,
}

/// Those that were asked for; most requests ask for one.
pub(super) type Slots = SmallVec<[(TypeId, Arc<dyn ErasedCell>); 1]>;

impl RequestSessions {
    /// The session of a type; the same one each time.
    ///
    /// # Errors
    ///
    /// Why the type is not at hand.
    pub(super) fn get<T: SecureSession>(
        &mut self,
        outermost: &Registry,
        headers: &HeaderMap,
    ) -> Result<Session<T>, LookupError> {
        let type_id = TypeId::of::<T>();
        let known = self.slots.iter().find(|(other, _)| *other == type_id);
        let known = known.and_then(|(_, slot)| Arc::clone(slot).into_any().downcast().ok());
        if let Some(slot) = known {
            return Ok(Session::new(slot));
        }
        let codec = self.codec(outermost)?;
        let cookies = self.cookies.get_or_insert_with(|| {
            RequestCookies::of(headers.get_all(COOKIE).map(HeaderValue::as_bytes))
        });
        let slot = Arc::new(SessionCell::<T>::new(codec, cookies.clone(), self.closed));
        let for_closing = Arc::clone(&slot);
        self.slots.push((type_id, for_closing));
        Ok(Session::new(slot))
    }

    /// Adds the session types of a middleware that is inside the others. Gives the one that an
    /// outer one serves already, if there is any.
    pub(super) fn join<'a>(
        &mut self,
        outermost: &Registry,
        inner: &'a Arc<Registry>,
    ) -> Option<&'a Registration> {
        let outer = || [outermost].into_iter().chain(self.registries());
        let overlap = inner.sessions.iter().find(|session| {
            let mut served = outer().flat_map(|registry| &registry.sessions);
            served.any(|other| other.overlaps(session))
        });
        self.inner.push(Arc::clone(inner));
        overlap
    }

    /// The codec of the outermost middleware that knows the type.
    fn codec<T: SecureSession>(&self, outermost: &Registry) -> Result<Codec<T>, LookupError> {
        if let Some(codec) = outermost.codec() {
            return Ok(codec.clone());
        }
        for (index, registry) in self.registries().enumerate() {
            if let Some(codec) = registry.codec::<T>() {
                let name = codec.cookie_name();
                let mut outer = [outermost].into_iter().chain(self.registries().take(index));
                if outer.any(|registry| registry.has_cookie(name)) {
                    return Err(LookupError::NameTaken);
                }
                return Ok(codec.clone());
            }
        }
        Err(LookupError::Registration)
    }

    fn registries(&self) -> impl Iterator<Item = &Registry> {
        self.inner.iter().map(AsRef::as_ref)
    }
}
