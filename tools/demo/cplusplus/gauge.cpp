// SPDX-License-Identifier: BSD-2-Clause
//
// gauge.cpp - the same in C++: the load of the machine, once a second, to
// metric-data.  Handles close themselves, in the order that they need.
//
//     gauge STORE
#include <weir.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

extern "C" {
#include "../common/demo.h"
}

namespace {

struct Closer {
	void operator()(weir_store *s) const { weir_store_close(s); }
	void operator()(weir_channel *c) const { weir_channel_close(c); }
	void operator()(weir_producer *p) const { weir_producer_close(p); }
};
template <class T> using Handle = std::unique_ptr<T, Closer>;

// What failed, why and where, as the library says it.
void check(int64_t rc, const weir_diag &diag, const char *what)
{
	if (rc < 0)
		throw std::runtime_error(std::string(what) + ": " +
					 weir_strerror(static_cast<int>(rc)) +
					 ": " + diag.message);
}

class Gauge {
public:
	Gauge(const char *store_name, const char *channel_name, const char *id)
	{
		weir_diag diag = {};
		weir_store *s = nullptr;
		weir_channel *c = nullptr;
		weir_producer *p = nullptr;

		check(weir_store_open(store_name, nullptr, &s, &diag), diag,
		      store_name);
		store.reset(s);
		check(weir_channel_open(s, channel_name, nullptr, &c, &diag),
		      diag, channel_name);
		channel.reset(c);
		check(weir_producer_open(c, id, nullptr, &p, &diag), diag, id);
		producer.reset(p);
	}

	void show(double value)
	{
		double change = known ? value - last : 0;
		weir_diag diag = {};
		char text[200];
		int len = snprintf(text, sizeof(text),
				   "{\"label\":\"load\",\"value\":%.2f,"
				   "\"change\":%.2f,\"changeType\":\"%s\"}",
				   value, change,
				   change > 0	? "increase"
				   : change < 0 ? "decrease"
						: "neutral");

		check(weir_publish_json(producer.get(), text,
					static_cast<size_t>(len), &diag),
		      diag, "publish");
		last = value;
		known = true;
	}

	void clear()
	{
		check(weir_clear(producer.get()), weir_diag(), "clear");
	}

private:
	Handle<weir_store> store; // closed last
	Handle<weir_channel> channel;
	Handle<weir_producer> producer;
	double last = 0;
	bool known = false;
};

} // namespace

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	demo_begin("gauge", nullptr);
	try {
		Gauge gauge(argv[1], "metric-data", "load-gauge");
		double load;

		demo_say("registered on metric-data as load-gauge");
		do {
			if (getloadavg(&load, 1) == 1)
				gauge.show(load);
		} while (demo_sleep(DEMO_S));
		gauge.clear();
	} catch (const std::exception &e) {
		demo_say("%s", e.what());
		return 1;
	}
	return 0;
}
