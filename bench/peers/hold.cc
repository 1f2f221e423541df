/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hold model on ns-3's schedulers: a peer to measure against.
 *
 *	hold list|map|heap|calendar|priority-queue PENDING SECONDS
 *	hold simulator-map|simulator-heap|... PENDING SECONDS
 *
 * PENDING events wait; again and again the earliest is taken and one put in
 * at its time plus a random increment.  The first form drives the bare
 * scheduler: no event objects, no handlers, the least ns-3 can do.  The second
 * runs the same through Simulator::Schedule() and a handler, which is what a
 * simulation pays.  Prints one line:
 *
 *	NAME PENDING EVENTS CPU-SECONDS DIGEST
 *
 * DIGEST covers the times of the first 10,000 events, so that two programs can
 * show that they did the same work.
 *
 * This file is a program of its own, under the licence of ns-3 (GNU GPL
 * version 2, see COPYING beside it): it links ns-3 and nothing of the project
 * around it.
 */
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <ns3/calendar-scheduler.h>
#include <ns3/heap-scheduler.h>
#include <ns3/list-scheduler.h>
#include <ns3/map-scheduler.h>
#include <ns3/object-factory.h>
#include <ns3/priority-queue-scheduler.h>
#include <ns3/simulator.h>

namespace
{

const uint64_t DIGESTED = 10000;
const uint64_t CHUNK = 1000;
const int STEPS = 1024;

/* Exponential increments with a mean of 1e6, equal in both programs. */
class Increments
{
	uint64_t m_table[STEPS];
	uint64_t m_state = 1;

    public:
	Increments()
	{
		for (int i = 0; i < STEPS; i++)
			m_table[i] = (uint64_t)(-std::log((i + 0.5) / STEPS) *
						1e6);
	}

	uint64_t
	Next()
	{
		uint64_t x = m_state += UINT64_C(0x9e3779b97f4a7c15);

		x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
		x ^= x >> 31;
		return m_table[x >> 54] + (x & 1023) + 1;
	}
};

struct Hold {
	Increments increments;
	uint64_t events = 0;
	uint64_t digest = 0;

	void
	Note(uint64_t at)
	{
		if (events++ < DIGESTED)
			digest = digest * UINT64_C(6364136223846793005) + at;
	}

	/* Latest first, so that filling a list is not quadratic. */
	std::vector<uint64_t>
	Start(uint64_t pending)
	{
		std::vector<uint64_t> times(pending);

		for (auto &time : times)
			time = increments.Next();
		std::sort(times.begin(), times.end(),
			  std::greater<uint64_t>());
		return times;
	}
};

double
CpuSeconds()
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void
Report(const char *name, uint64_t pending, uint64_t timed, double seconds,
       uint64_t digest)
{
	std::printf("%s %llu %llu %.6f %016llx\n", name,
		    (unsigned long long)pending, (unsigned long long)timed,
		    seconds, (unsigned long long)digest);
}

void
RunScheduler(ns3::Scheduler &scheduler, const char *name, uint64_t pending,
	     double limit)
{
	Hold hold;
	uint32_t uid = 0;
	double start, seconds;

	for (uint64_t time : hold.Start(pending))
		scheduler.Insert({ nullptr, { time, uid++, 0 } });
	auto step = [&] {
		ns3::Scheduler::Event event = scheduler.RemoveNext();

		hold.Note(event.key.m_ts);
		event.key.m_ts += hold.increments.Next();
		event.key.m_uid = uid++;
		scheduler.Insert(event);
	};
	while (hold.events < DIGESTED)
		step();
	start = CpuSeconds();
	do {
		for (uint64_t i = 0; i < CHUNK; i++)
			step();
		seconds = CpuSeconds() - start;
	} while (seconds < limit);
	Report(name, pending, hold.events - DIGESTED, seconds, hold.digest);
}

/* The handler of the simulator's events. */
struct Run {
	Hold hold;
	double limit, start = 0, seconds = 0;

	void
	Fire()
	{
		hold.Note((uint64_t)ns3::Simulator::Now().GetTimeStep());
		ns3::Simulator::Schedule(
			ns3::TimeStep(hold.increments.Next()), &Run::Fire,
			this);
		if (hold.events == DIGESTED) {
			start = CpuSeconds();
		} else if (hold.events % CHUNK == 0 && start > 0) {
			seconds = CpuSeconds() - start;
			if (seconds >= limit)
				ns3::Simulator::Stop();
		}
	}
};

void
RunSimulator(const std::string &type, const char *name, uint64_t pending,
	     double limit)
{
	ns3::ObjectFactory factory;
	Run run;

	run.limit = limit;
	factory.SetTypeId(type);
	ns3::Simulator::SetScheduler(factory);
	for (uint64_t time : run.hold.Start(pending))
		ns3::Simulator::Schedule(ns3::TimeStep(time), &Run::Fire,
					 &run);
	ns3::Simulator::Run();
	Report(name, pending, run.hold.events - DIGESTED, run.seconds,
	       run.hold.digest);
	ns3::Simulator::Destroy();
}

} // namespace

int
main(int argc, char **argv)
{
	const std::map<std::string, std::string> types = {
		{ "list", "ns3::ListScheduler" },
		{ "map", "ns3::MapScheduler" },
		{ "heap", "ns3::HeapScheduler" },
		{ "calendar", "ns3::CalendarScheduler" },
		{ "priority-queue", "ns3::PriorityQueueScheduler" },
	};
	const std::string prefix = "simulator-";
	std::string kind = argc == 4 ? argv[1] : "";
	bool simulator = kind.compare(0, prefix.size(), prefix) == 0;
	auto type = types.find(simulator ? kind.substr(prefix.size()) : kind);
	ns3::ObjectFactory factory;
	uint64_t pending;
	double limit;

	if (type == types.end()) {
		std::fprintf(stderr, "usage: hold [simulator-]list|map|heap|"
				     "calendar|priority-queue PENDING "
				     "SECONDS\n");
		return 64;
	}
	pending = std::strtoull(argv[2], nullptr, 10);
	limit = std::strtod(argv[3], nullptr);
	if (pending == 0) {
		std::fprintf(stderr, "hold: PENDING is a count, not '%s'\n",
			     argv[2]);
		return 64;
	}
	if (simulator) {
		RunSimulator(type->second, argv[1], pending, limit);
		return 0;
	}
	factory.SetTypeId(type->second);
	RunScheduler(*factory.Create<ns3::Scheduler>(), argv[1], pending,
		     limit);
	return 0;
}
