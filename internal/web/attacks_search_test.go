package web

import (
	"net/url"
)

// searches are the ways in which the sweep searches: for what everyone may find, and for what the planted articles hold.
func (s *canarySite) searches(path string) []target {
	out := paths(path, path+"?q=", path+"?q=ships", path+"?q=opening+everyone&sort=newest", path+"?topic=trade", path+"?section=vault&country=portugal",
		path+"?q=harbour&from=2020&to=2026&page=2", path+"?q=%22ships+waited%22", path+"?q=ship*", path+"?q=-ships", path+"?q=ships+-noon", path+"?q=in:title+canary",
		path+"?q=nothingofthekind", path+"?q=%00%ff%22(", path+"?page=99&sort=x&from=x")
	for _, slug := range every {
		out = append(out, target{path: path + "?q=" + url.QueryEscape("title of "+slug)})
	}
	return out
}
