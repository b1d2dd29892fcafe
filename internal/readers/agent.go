package readers

import "strings"

// word is a mark in a User-Agent and what people call it. Of several marks in one the first in the list counts: most
// browsers also claim to be the others.
type word struct{ mark, name string }

var (
	browsers = []word{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"OPT/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Vivaldi/", "Vivaldi"}, {"DuckDuckGo/", "DuckDuckGo"}, {"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systems = []word{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "Chromebook"},
		{"Mac OS X", "Mac"}, {"Macintosh", "Mac"}, {"Linux", "Linux"}, {"X11", "Unix"},
	}
)

// AgentWords says in words what a User-Agent is: "Firefox on Windows". It is for people to know their devices by; only
// words of our own come out.
func AgentWords(agent string) string {
	browser, system := first(browsers, agent), first(systems, agent)
	switch {
	case browser == "" && system == "":
		return "An unknown device"
	case browser == "":
		return "A browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func first(words []word, agent string) string {
	for _, w := range words {
		if strings.Contains(agent, w.mark) {
			return w.name
		}
	}
	return ""
}
