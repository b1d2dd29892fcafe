// Package e2e holds the browser tests: whole journeys through the built binary
// in Chromium, and every screen under axe, the Nu HTML checker and Lighthouse.
// They carry the build tag e2e and run by `make e2e`, which brings what they
// need; `go test ./...` leaves them out.
//
// A test opens a page as one person would and then walks:
//
//	d := startDemo(t)
//	p := open(t, phone)
//	p.visit(d.url + "/articles/some-slug")
//	p.fill("[name=email]", "anna@example.org")
//	p.follow(`form[action="/keep-reading"] button`)
//	p.sound()
package e2e
