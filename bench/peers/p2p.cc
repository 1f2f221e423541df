/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UDP over a point-to-point link in ns-3: a peer to measure against.
 *
 *	p2p FRAMES default|bare
 *
 * Two nodes, 10 Gb/s and 1 us between them, ns-3's own stack.  FRAMES datagrams
 * in both directions, sizes as in IMIX, exponential gaps with a mean of 2 us:
 * the traffic that dmasim replays.  Senders call Socket::Send(), receivers
 * count; no applications, no tracing.  bare leaves out the queue disc that
 * assigning an address installs by default.  Prints one line:
 *
 *	p2p KIND FRAMES RECEIVED EVENTS WALL-SECONDS CPU-SECONDS
 *
 * timed from the first event to the last.
 *
 * This file is a program of its own, under the licence of ns-3 (GNU GPL
 * version 2, see COPYING beside it): it links ns-3 and nothing of the project
 * around it.
 */
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include <ns3/inet-socket-address.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-address-helper.h>
#include <ns3/node-container.h>
#include <ns3/packet.h>
#include <ns3/point-to-point-helper.h>
#include <ns3/simulator.h>
#include <ns3/socket.h>
#include <ns3/string.h>
#include <ns3/traffic-control-helper.h>
#include <ns3/udp-socket-factory.h>

namespace
{

const uint16_t PORT = 9;
const uint32_t HEADERS = 14 + 20 + 8;

double
Seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

class Traffic
{
	ns3::Ptr<ns3::Socket> m_sender[2];
	uint64_t m_left, m_received = 0, m_state = 1;

	uint64_t
	Draw()
	{
		uint64_t x = m_state += UINT64_C(0x9e3779b97f4a7c15);

		x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
		return x ^ (x >> 31);
	}

	/* Bytes of a frame: 7 to 4 to 1. */
	uint32_t
	Size()
	{
		uint64_t of12 = Draw() % 12;

		return of12 < 7 ? 60 : of12 < 11 ? 590 : 1514;
	}

	void
	Receive(ns3::Ptr<ns3::Socket> socket)
	{
		while (socket->Recv())
			m_received++;
	}

	void
	Send()
	{
		double unit = (double)(Draw() >> 11) * 0x1p-53;
		int64_t gap_ns = std::llround(-std::log1p(-unit) * 2000);

		m_sender[Draw() & 1]->Send(
			ns3::Create<ns3::Packet>(Size() - HEADERS));
		if (--m_left)
			ns3::Simulator::Schedule(ns3::NanoSeconds(gap_ns),
						 &Traffic::Send, this);
	}

    public:
	Traffic(const ns3::NodeContainer &nodes,
		const ns3::Ipv4InterfaceContainer &interfaces, uint64_t frames)
	    : m_left(frames)
	{
		auto type = ns3::UdpSocketFactory::GetTypeId();

		for (uint32_t i = 0; i < 2; i++) {
			auto sink = ns3::Socket::CreateSocket(nodes.Get(i),
							      type);
			sink->Bind(ns3::InetSocketAddress(
				ns3::Ipv4Address::GetAny(), PORT));
			sink->SetRecvCallback(
				ns3::MakeCallback(&Traffic::Receive, this));
			m_sender[i] = ns3::Socket::CreateSocket(nodes.Get(i),
								type);
			m_sender[i]->Connect(ns3::InetSocketAddress(
				interfaces.GetAddress(1 - i), PORT));
		}
		ns3::Simulator::ScheduleNow(&Traffic::Send, this);
	}

	uint64_t
	Received() const
	{
		return m_received;
	}
};

} // namespace

int
main(int argc, char **argv)
{
	std::string kind = argc == 3 ? argv[2] : "";
	uint64_t frames = argc == 3 ? std::strtoull(argv[1], nullptr, 10) : 0;
	ns3::PointToPointHelper link;
	ns3::InternetStackHelper stack;
	ns3::Ipv4AddressHelper address;
	ns3::NodeContainer nodes;

	if (frames == 0 || (kind != "default" && kind != "bare")) {
		std::fprintf(stderr, "usage: p2p FRAMES default|bare\n");
		return 64;
	}
	nodes.Create(2);
	link.SetDeviceAttribute("DataRate", ns3::StringValue("10Gbps"));
	link.SetChannelAttribute("Delay", ns3::StringValue("1us"));
	auto devices = link.Install(nodes);
	stack.Install(nodes);
	address.SetBase("10.1.1.0", "255.255.255.0");
	auto interfaces = address.Assign(devices);
	if (kind == "bare")
		ns3::TrafficControlHelper().Uninstall(devices);
	Traffic traffic(nodes, interfaces, frames);

	double wall = Seconds(CLOCK_MONOTONIC);
	double cpu = Seconds(CLOCK_PROCESS_CPUTIME_ID);
	ns3::Simulator::Run();
	wall = Seconds(CLOCK_MONOTONIC) - wall;
	cpu = Seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	std::printf("p2p %s %llu %llu %llu %.6f %.6f\n", kind.c_str(),
		    (unsigned long long)frames,
		    (unsigned long long)traffic.Received(),
		    (unsigned long long)ns3::Simulator::GetEventCount(), wall,
		    cpu);
	ns3::Simulator::Destroy();
	return 0;
}
