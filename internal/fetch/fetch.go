package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// The limits of one fetch, its redirects included.
const (
	Redirects = 3
	MaxBytes  = 5 << 20
	Timeout   = 10 * time.Second
)

// ErrForbidden marks an address that is not fetched from, whatever answers there.
var ErrForbidden = errors.New("address not allowed")

// A Resolver tells the addresses of a name. *net.Resolver is one, with network "ip".
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options of New. The zero value is right for everyone but tests.
type Options struct {
	Resolver  Resolver       // nil: the system's
	Trust     *tls.Config    // nil: the authorities this machine trusts
	Allow     []netip.Prefix // networks that are fetched from although they are not public
	UserAgent string         // "" means "Gatefold"
}

// Client fetches. It is safe for concurrent use.
type Client struct {
	options Options
	http    *http.Client
}

// New returns a client.
func New(o Options) *Client {
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.UserAgent == "" {
		o.UserAgent = "Gatefold"
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.Trust != nil {
		config = o.Trust.Clone()
	}
	c := &Client{options: o}
	c.http = &http.Client{
		Transport: &http.Transport{ // Proxy is nil: none
			DialContext: c.dial, TLSClientConfig: config, TLSHandshakeTimeout: Timeout, ResponseHeaderTimeout: Timeout,
			MaxResponseHeaderBytes: 64 << 10, MaxIdleConns: 8, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > Redirects {
				return fmt.Errorf("more than %d redirects", Redirects)
			}
			return checkURL(r.URL)
		},
	}
	return c
}

// Page is what was fetched.
type Page struct {
	URL  *url.URL // after redirects
	Type string   // the Content-Type as the server gave it
	Body []byte
}

// Get fetches a page with status 200, whole or not at all. The error wraps ErrForbidden when the address, or one it
// redirects to, is not https or not public. Errors hold the host, and no path or query.
func (c *Client) Get(ctx context.Context, address string) (Page, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Page{}, errors.New("fetch: not a URL")
	}
	p, err := c.get(ctx, u)
	if err != nil {
		return Page{}, fmt.Errorf("fetch from %s: %w", u.Hostname(), bare(err))
	}
	return p, nil
}

func (c *Client) get(ctx context.Context, u *url.URL) (Page, error) {
	if err := checkURL(u); err != nil {
		return Page{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Page{}, err
	}
	r.Header.Set("User-Agent", c.options.UserAgent)
	res, err := c.http.Do(r)
	if err != nil {
		return Page{}, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return Page{}, fmt.Errorf("status %d", res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBytes+1))
	switch {
	case err != nil:
		return Page{}, err
	case len(body) > MaxBytes:
		return Page{}, fmt.Errorf("more than %d bytes", MaxBytes)
	}
	return Page{URL: res.Request.URL, Type: res.Header.Get("Content-Type"), Body: body}, nil
}

// bare takes the URL out of an error of net/http.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "https":
		return fmt.Errorf("%w: expected https", ErrForbidden)
	case u.User != nil:
		return fmt.Errorf("%w: it holds a user", ErrForbidden)
	case u.Hostname() == "":
		return fmt.Errorf("%w: it names no host", ErrForbidden)
	}
	return nil
}

// dial resolves the name once, checks every address, and connects to those and no others.
func (c *Client) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	all, err := c.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	var last error
	for _, a := range all {
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, last
}

// addresses are those of a host, each of them public. One that is not refuses them all: a name that points both ways
// is made to be let through.
func (c *Client) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	var all []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		all = []netip.Addr{a}
	} else if all, err = c.options.Resolver.LookupNetIP(ctx, "ip", host); err != nil {
		return nil, fmt.Errorf("resolve: %w", err)
	}
	if len(all) == 0 {
		return nil, errors.New("resolve: no address")
	}
	for i, a := range all {
		all[i] = a.Unmap()
		if !Public(all[i]) && !c.allowed(all[i]) {
			return nil, fmt.Errorf("%w: not a public address", ErrForbidden)
		}
	}
	return all, nil
}

func (c *Client) allowed(a netip.Addr) bool {
	for _, p := range c.options.Allow {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
