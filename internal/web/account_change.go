package web

import (
	"net/http"
	"net/netip"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/subnet"
)

// An action changes something of the reader and returns the key of what to say then.
type action func(w http.ResponseWriter, r *http.Request, v visit) (done string, err error)

// change makes the handler of an account form: f acts, and its faults are shown beside the field they belong to.
func (s *Site) change(form, field string, f action) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return errForm(err)
		}
		return s.signedIn(w, r, func(v visit) error {
			done, err := f(w, r, v)
			switch fault.KindOf(err) {
			case fault.Invalid, fault.TooMany, fault.Conflict, fault.Unavailable:
				page.RetryAfter(w, err)
				return s.showAccount(w, r, page.Status(err), v,
					accountPage{Form: form, Typed: r.PostForm.Get(field), Fault: s.texts.Fault(err)})
			}
			if err != nil {
				return err
			}
			return to(w, r, "/account?done="+done)
		})
	}
}

// network is what limits and consents count a request by.
func network(w http.ResponseWriter, r *http.Request) netip.Prefix {
	return subnet.Of(page.Client(w, r))
}

func (s *Site) rename(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	return "name", s.Readers.Rename(r.Context(), v.person.Reader, r.PostForm.Get("name"))
}

func (s *Site) changeAddress(w http.ResponseWriter, r *http.Request, v visit) (string, error) {
	return "address", s.Readers.ChangeAddress(r.Context(), v.person.Reader, r.PostForm.Get("email"), network(w, r))
}

func (s *Site) endSession(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	id, err := readers.ParseSessionID(r.PathValue("session"))
	if err != nil {
		return "", errNoPage
	}
	return "device", s.Readers.EndSession(r.Context(), v.person.Reader, id)
}

func (s *Site) endOthers(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	if err := s.endOthersThere(r, v.person.Reader); err != nil {
		return "", err
	}
	return "devices", s.Readers.EndOthers(r.Context(), v.person.Reader, v.session.ID)
}

func (s *Site) chooseNewsletters(w http.ResponseWriter, r *http.Request, v visit) (string, error) {
	if r.PostForm.Get("newsletter") != "on" {
		return "no-newsletter", s.Readers.Withdraw(r.Context(), v.person.Reader, readers.Newsletter)
	}
	return "newsletter", s.Readers.Consent(r.Context(), v.person.Reader, readers.Newsletter, s.texts.T("account.newsletter"), network(w, r))
}

// deleteAccount deletes a reader who typed their address to be sure.
func (s *Site) deleteAccount(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	return s.signedIn(w, r, func(v visit) error {
		typed := r.PostForm.Get("email")
		if _, key, err := readers.Canonical(typed); err != nil || key != v.session.Reader.Key {
			return s.showAccount(w, r, http.StatusUnprocessableEntity, v,
				accountPage{Form: "sure", Typed: typed, Fault: s.texts.T("account.delete.not-yours")})
		}
		if err := s.Readers.Delete(r.Context(), v.person.Reader, readers.Subject(v.person.Reader)); err != nil {
			return err
		}
		s.Gate.Forget(v.person.Reader)
		s.leave(w)
		return to(w, r, "/sign-in?done=deleted")
	})
}

// vouch mails a code to an account that reads faster than a person does; answering it lets it read on.
func (s *Site) vouch(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	return s.signedIn(w, r, func(v visit) error {
		return s.ask(w, r, v, readers.Ask{Address: v.session.Reader.Address, ReturnTo: here(r.PostForm.Get("return_to"))})
	})
}
