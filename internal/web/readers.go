package web

import "github.com/gatefold/gatefold/internal/page"

// readerRoutes are the screens on which a visitor becomes a reader, and a reader looks after their account.
func (s *Site) readerRoutes() []Route {
	return []Route{
		{"POST /keep-reading", s.keepReading},
		{"GET /sign-in", s.signInForm},
		{"POST /sign-in", s.signIn},
		{"POST /sign-out", s.signOut},
		{"GET /confirm", s.confirmForm},
		{"POST /confirm", s.confirm},
		{"GET /account", s.account},
		{"GET /account/data", s.accountData},
		{"POST /account/name", s.change("name", "name", s.rename)},
		{"POST /account/address", s.change("email", "email", s.changeAddress)},
		{"POST /account/newsletters", s.change("newsletter", "newsletter", s.chooseNewsletters)},
		{"POST /account/sessions/end-others", s.change("session", "session", s.endOthers)},
		{"POST /account/sessions/{session}/end", s.change("session", "session", s.endSession)},
		{"POST /account/feed", s.openFeed},
		{"POST /account/feed/close", s.change("", "", s.closeFeed)},
		{"POST /account/vouch", s.vouch},
		{"POST /account/delete", s.deleteAccount},
	}
}

// readerScreens are their templates.
type readerScreens struct {
	keepReading *page.Screen[keepReadingPage]
	signIn      *page.Screen[signInPage]
	inbox       *page.Screen[inboxPage]
	confirm     *page.Screen[confirmPage]
	account     *page.Screen[accountPage]
	outbox      *page.Screen[outboxPage]
	mail        *page.Screen[mailPage]
}

func newReaderScreens(k *page.Kit, err *error) (s readerScreens) {
	load(k, err, &s.keepReading, "keep_reading.html")
	load(k, err, &s.signIn, "sign_in.html")
	load(k, err, &s.inbox, "inbox.html")
	load(k, err, &s.confirm, "confirm.html")
	load(k, err, &s.account, "account.html")
	load(k, err, &s.outbox, "outbox.html")
	load(k, err, &s.mail, "mail.html")
	return s
}
