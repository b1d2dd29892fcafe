package readers

import (
	"slices"
	"strings"
)

// provider is how a mail service reads the part before the @. Only what a service itself documents is here: a wrong
// rule would give one reader's account to another.
type provider struct {
	domain string // under which all of its names are kept
	ignore string // characters it passes over
	tag    string // what begins a tag there, beside the plus sign
	dash   bool   // dots and hyphens are the same to it
}

var (
	gmail  = provider{domain: "gmail.com", ignore: "."}
	proton = provider{domain: "proton.me", ignore: ".-_"}
	icloud = provider{domain: "icloud.com"}
	yandex = provider{domain: "yandex.ru", dash: true}
)

var providers = knownProviders()

func knownProviders() map[string]provider {
	known := map[string]provider{
		"gmail.com": gmail, "googlemail.com": gmail,
		"proton.me": proton, "protonmail.com": proton, "pm.me": proton, "protonmail.ch": proton,
		"icloud.com": icloud, "me.com": icloud, "mac.com": icloud,
		"yandex.ru": yandex, "yandex.com": yandex, "yandex.by": yandex, "yandex.kz": yandex, "yandex.ua": yandex,
		"yandex.com.tr": yandex, "ya.ru": yandex,
	}
	// Names at Yahoo hold no hyphen; base-word is a disposable address of the owner of base. Each country is a
	// service of its own.
	for _, d := range strings.Fields(`yahoo.com yahoo.ca yahoo.co.in yahoo.co.uk yahoo.com.ar yahoo.com.au yahoo.com.br
		yahoo.com.mx yahoo.de yahoo.es yahoo.fr yahoo.ie yahoo.in yahoo.it ymail.com rocketmail.com`) {
		known[d] = provider{domain: d, tag: "-"}
	}
	return known
}

// plusIsTag reports whether the service of an address documents that what follows a plus sign leads to the same mailbox.
func plusIsTag(address string) bool {
	d := domainOf(address)
	if _, ok := providers[d]; ok {
		return true
	}
	switch d {
	case "outlook.com", "hotmail.com", "live.com", "msn.com", "fastmail.com", "fastmail.fm":
		return true
	}
	return false
}

// mailbox brings the two parts of an address, both in small letters, to the one spelling of their mailbox. What a
// rule would leave empty stays as it was.
func mailbox(local, domain string) (string, string) {
	local = cutTag(local, "+")
	p, ok := providers[domain]
	if !ok {
		return local, domain
	}
	if p.tag != "" {
		local = cutTag(local, p.tag)
	}
	if p.dash {
		local = strings.ReplaceAll(local, ".", "-")
	}
	if p.ignore != "" {
		kept := strings.Map(func(r rune) rune {
			if strings.ContainsRune(p.ignore, r) {
				return -1
			}
			return r
		}, local)
		if kept != "" {
			local = kept
		}
	}
	return local, p.domain
}

func cutTag(local, begin string) string {
	name, _, _ := strings.Cut(local, begin)
	if name = strings.TrimRight(name, "."); name == "" {
		return local
	}
	return name
}

// publicMailboxes are services at which anybody can have an address, beside those whose rules are known and those that
// give addresses to throw away.
var publicMailboxes = strings.Fields(`aol.com att.net bluewin.ch btinternet.com comcast.net email.com fastmail.com free.fr
	freenet.de gmx.at gmx.ch gmx.com gmx.de gmx.net hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it
	hushmail.com laposte.net libero.it live.co.uk live.com live.de live.fr live.nl mail.com mail.de mail.ru mailbox.org msn.com naver.com
	orange.fr outlook.com outlook.de outlook.es outlook.fr outlook.it posteo.de posteo.net qq.com 126.com 163.com rambler.ru
	rediffmail.com seznam.cz sfr.fr t-online.de tuta.com tuta.io tutanota.com tutanota.de virgilio.it vodafone.de wanadoo.fr
	web.de wp.pl yeah.net zoho.com`)

// PublicMailbox reports whether anybody can have an address of a domain, in small ASCII letters, as far as is known: an
// address there says nothing of where somebody belongs.
func PublicMailbox(domain string) bool {
	_, known := providers[domain]
	return known || slices.Contains(publicMailboxes, domain) || Disposable(domain)
}
