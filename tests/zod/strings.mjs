// SPDX-License-Identifier: BSD-2-Clause
//
// strings.mjs - for each string format of Zod, strings that are likely of it
// and strings that are likely not.
export const strings = {
	email: {
		yes: ["a@b.co", "first.last+tag@mail.example.com", "o'neil@x-y.org", "_@a1.io"],
		no: ["", "a@b", "@b.co", "a@", "a b@c.de", "a..b@c.de", ".a@b.co", "a.@b.co",
			"ä@b.de", "a@ö.de", "a@b.c", "a@-b.de", "a@b-.de", "\"a b\"@c.de", "a@b..de",
			"a!b@c.de", "a@[127.0.0.1]"],
	},
	uuid: {
		yes: ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "00000000-0000-0000-0000-000000000000",
			"FFFFFFFF-aaaa-4bcd-9ABC-0123456789ab", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
		no: ["", "2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
			"2eb8aa08-aa98-11ea-04aa-73b441d16380", "2eb8aa08-aa98-91ea-b4aa-73b441d16380",
			"{2eb8aa08-aa98-11ea-b4aa-73b441d16380}", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g",
			"FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"],
	},
	guid: {
		yes: ["2eb8aa08-aa98-91ea-04aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"],
		no: ["", "2eb8aa08-aa98-11ea-b4aa", "urn:uuid:2eb8aa08-aa98-11ea-b4aa-73b441d16380"],
	},
	url: {
		yes: ["https://example.com/", "http://a/b?c#d", "mailto:a@b.co", "urn:x:y",
			"http://[::1]:80/", "ftp://u:p@h/x%20y"],
		no: ["", "//a/b", "a", "http//x", "http://", "http://a b", "http://[::1/",
			"/relative", "http://ä.example/", "https://example.com/ä", "http:example.com",
			" https://example.com/", "http://a/|", "http://1.2.3.999/", "http://a/%zz",
			"http://example.com\\x", "a:"],
	},
	httpUrl: {
		yes: ["https://example.com", "http://example.com:8080/a?b=c#d"],
		no: ["ftp://example.com", "https://localhost", "http://1.2.3.4/", "https://", "x"],
	},
	date: {
		yes: ["2024-02-29", "2000-02-29", "1999-12-31", "0000-01-01"],
		no: ["", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31",
			"2024-1-1", "24-01-01", "2024-01-01Z", "12024-01-01"],
	},
	datetime: {
		yes: ["2024-02-29T12:00:00Z", "1999-12-31T23:59:59.123456Z", "2024-01-01T00:00:00.5Z"],
		no: ["", "2024-02-30T12:00:00Z", "2024-02-29 12:00:00Z", "2024-02-29T12:00Z",
			"2024-02-29T12:00:00", "2024-02-29T12:00:00+01:00", "2024-02-29t12:00:00z",
			"2024-02-29T24:00:00Z", "2016-12-31T23:59:60Z", "2024-02-29T12:00:00.Z",
			"2024-02-29T12:00:00+0100", "2024-02-29T12:00:00-00:00", "2024-02-29"],
	},
	time: {
		yes: ["12:00", "23:59:59", "00:00:00.000001"],
		no: ["", "24:00", "12:60", "12:00:60", "1:00", "12:00:00Z", "12:00:00+01:00", "12:00:00."],
	},
	duration: {
		yes: ["P1Y2M3DT4H5M6S", "PT0S", "P4W", "P1D", "PT1H30M"],
		no: ["", "P", "PT", "P1DT", "1D", "P1H", "P1Y1W", "-P1D", "PT1.5S", "PT1,5S", "P1Y1D",
			"P1.5D", "PT1H1S", "P1S"],
	},
	ipv4: {
		yes: ["0.0.0.0", "255.255.255.255", "192.168.1.10"],
		no: ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.1.1.1", "1.1.1.", "1.1.1.1/8", " 1.1.1.1"],
	},
	ipv6: {
		yes: ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "fe80::a:B"],
		no: ["", ":", ":::", "1:2:3:4:5:6:7", "1::2::3", "12345::", "::%eth0", "::ffff:1.2.3.4",
			"1:2:3:4:5:6:1.2.3.4", "::1/64", "1:2:3:4:5:6:7::"],
	},
	cidrv4: { yes: ["10.0.0.0/8", "0.0.0.0/0", "1.2.3.4/32"],
		no: ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/08"] },
	cidrv6: { yes: ["::/0", "fe80::/10", "2001:db8::1/128"],
		no: ["", "::", "::/129", "::/01", ":::/1", "::ffff:1.2.3.4/96"] },
	mac: { yes: ["00:1A:2B:3C:4D:5E", "ff:ff:ff:ff:ff:ff"],
		no: ["", "00:1A:2b:3C:4D:5E", "00-1A-2B-3C-4D-5E", "00:1A:2B:3C:4D", "0:1A:2B:3C:4D:5E"] },
	base64: { yes: ["", "YQ==", "YWI=", "YWJj", "+/+/"],
		no: ["Y", "YQ", "YQ=", "YQ==\n", "YW-j", "YQ===", "=", "YWJjYQ", "YQ==YQ=="] },
	base64url: { yes: ["", "YQ", "YWI", "-_-_"], no: ["Y", "YQ==", "+/+/", "YWJjY"] },
	e164: { yes: ["+4917012345678", "+1234567"],
		no: ["", "4917012345678", "+0123456789", "+123456", "+1234567890123456", "+49 170 1234567"] },
	emoji: { yes: ["😀", "👍🏽", "👨‍👩‍👧", "🇩🇪", "1️⃣"], no: ["", "a", "1", "😀a", "☺ "] },
	nanoid: { yes: ["V1StGXR8_Z5jdHi6B-myT"], no: ["", "V1StGXR8_Z5jdHi6B-my", "V1StGXR8_Z5jdHi6B-my!"] },
	cuid: { yes: ["cjld2cjxh0000qzrmn831i7rn"], no: ["", "xjld2cjxh0000", "c12", "cjld2cjxh-000"] },
	cuid2: { yes: ["tz4a98xxat96iws9zmbrgj3a", "a"], no: ["", "A", "a-b", "a b"] },
	ulid: { yes: ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "7zzzzzzzzzzzzzzzzzzzzzzzzz"],
		no: ["", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAU"] },
	xid: { yes: ["9m4e2mr0ui3e8a215n4g"], no: ["", "9m4e2mr0ui3e8a215n4", "9m4e2mr0ui3e8a215n4w"] },
	ksuid: { yes: ["0ujtsYcgvSTl8PAuAdqWYSMnLOv"], no: ["", "0ujtsYcgvSTl8PAuAdqWYSMnLO-"] },
	hostname: { yes: ["localhost", "a-b.example.com", "1.2.3.4", "xn--nxasmq6b", "XN--NXASMQ6B"],
		no: ["", "-a", "a-", "a..b", "a_b", "a.", "ab--c", "ä.de", "a:80", "xn--X"] },
	hex: { yes: ["", "00", "DEADbeef", "abc"], no: ["0x00", "g", "12 "] },
	sha256_hex: { yes: ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
		no: ["", "e3b0", "g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"] },
	jwt: { yes: ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln"],
		no: ["", "a.b.c", "eyJhbGciOiJIUzI1NiJ9.e30", "not a token"] },
	credit_card: { yes: ["4111111111111111", "5500 0000 0000 0004"],
		no: ["", "4111111111111112", "4111", "4111_1111_1111_1111"] },
	iban: { yes: ["DE89370400440532013000"], no: ["", "DE89370400440532013001", "DE00370400440532013000"] },
};
strings["date-time"] = strings.datetime;
strings.uri = strings.url;
