using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Coco.Transport.Udp;

/// <summary>UDP over Linux's own calls: many packets each by UDP_SEGMENT and UDP_GRO, with ECN marks.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxUdpChannel : UdpChannel
{
    // Errors of earlier packets (ICMP) are reported by later calls and cleared by that; a few may be queued, an attacker must
    // not keep us busy with them.
    private const int MaxErrorsSkipped = 16;

    private readonly Socket _socket;
    private readonly SafeFileHandle _wake;
    private readonly int _descriptor;
    private readonly bool _ipv6;
    private bool _segments;

    public LinuxUdpChannel(Socket socket, UdpChannelOptions options)
    {
        _socket = socket;
        _descriptor = (int)socket.Handle;
        _ipv6 = socket.AddressFamily is AddressFamily.InterNetworkV6;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        SocketBuffers.Enlarge(socket, options.SocketBufferSize);

        // An IPv6 socket that takes IPv4 too needs both families' settings; one that does not answers with an error, unheard.
        CarriesEcn = TrySet(Libc.SolIp, Libc.IpRecvTos, 1) | (_ipv6 && TrySet(Libc.SolIpv6, Libc.Ipv6RecvTclass, 1));
        TrySet(Libc.SolIp, Libc.IpMtuDiscover, Libc.PmtuDiscProbe);
        if (_ipv6) { TrySet(Libc.SolIpv6, Libc.Ipv6MtuDiscover, Libc.PmtuDiscProbe); }

        // Setting a segment size of 0 changes nothing and tells whether the kernel knows the option (4.18; GRO 5.0).
        _segments = options.Offload is UdpOffload.Auto && TrySet(Libc.SolUdp, Libc.UdpSegment, 0);
        if (options.Offload is UdpOffload.Auto) { TrySet(Libc.SolUdp, Libc.UdpGro, 1); }

        var wake = Libc.EventDescriptor(0, Libc.EfdCloexecNonblock);
        if (wake < 0) { throw new SocketException(Marshal.GetLastPInvokeError()); }
        _wake = new(wake, ownsHandle: true);
    }

    public override IPEndPoint LocalEndPoint { get; }

    public override bool Segments => _segments;

    public override bool CarriesEcn { get; }

    public override bool TryReceive(Span<byte> buffer, out UdpReceived received)
    {
        received = default;
        var name = stackalloc byte[UdpAddress.MaxSocketAddressSize];
        var control = stackalloc byte[ControlMessages.BufferSize];
        fixed (byte* data = buffer)
        {
            var vector = new Libc.IoVector { Base = data, Length = (nuint)buffer.Length };
            for (var skipped = 0; skipped < MaxErrorsSkipped; skipped++)
            {
                var message = new Libc.MessageHeader
                {
                    Name = name,
                    NameLength = UdpAddress.MaxSocketAddressSize,
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = control,
                    ControlLength = ControlMessages.BufferSize,
                };
                var length = (int)Libc.ReceiveMessage(_descriptor, &message, Libc.MsgDontWait);
                if (length >= 0)
                {
                    received.Length = length;
                    received.SegmentSize = length;
                    received.Remote = UdpAddress.ReadSocketAddress(new(name, UdpAddress.MaxSocketAddressSize), _ipv6);
                    ControlMessages.Read(control, message.ControlLength, ref received);
                    return true;
                }

                if (Marshal.GetLastPInvokeError() == Libc.Eagain) { return false; }
            }
        }

        return false;
    }

    public override SendResult Send(in UdpAddress remote, ReadOnlySpan<byte> data, int segmentSize, Ecn ecn, out int sent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentSize);
        sent = 0;
        if (!remote.FitsFamily(_ipv6)) { return SendResult.Error; }
        if (segmentSize > MaxBatchBytes) { return SendResult.TooBig; }

        while (sent < data.Length)
        {
            var segments = _segments ? Math.Min(MaxBatchSegments, MaxBatchBytes / segmentSize) : 1;
            var batch = data.Slice(sent, Math.Min(data.Length - sent, segments * segmentSize));
            var error = SendBatch(remote, batch, batch.Length > segmentSize ? segmentSize : 0, ecn);
            switch (error)
            {
                case 0:
                    sent += batch.Length;
                    break;
                case Libc.Eintr:
                    break;
                case Libc.Eio or Libc.Einval when batch.Length > segmentSize:
                    var result = SendWithoutSegments(remote, batch[..segmentSize], ecn);
                    if (result is not SendResult.Ok) { return result; }
                    sent += segmentSize;
                    break;
                default:
                    return ResultOf(error);
            }
        }

        return SendResult.Ok;
    }

    /// <summary>
    /// A batch was refused. EIO: the route cannot (IPsec, no checksum offload). EINVAL: the same, or packets over the MTU in
    /// kernels before 6.14. One packet alone tells which; if it leaves, we stop asking for segments.
    /// </summary>
    private SendResult SendWithoutSegments(in UdpAddress remote, ReadOnlySpan<byte> packet, Ecn ecn)
    {
        var error = SendBatch(remote, packet, segmentSize: 0, ecn);
        if (error != 0) { return ResultOf(error); }

        _segments = false;
        return SendResult.Ok;
    }

    private int SendBatch(in UdpAddress remote, ReadOnlySpan<byte> batch, int segmentSize, Ecn ecn)
    {
        var name = stackalloc byte[UdpAddress.MaxSocketAddressSize];
        var control = stackalloc byte[ControlMessages.BufferSize];
        *(ushort*)name = _ipv6 ? Libc.AfInet6 : Libc.AfInet;
        fixed (byte* data = batch)
        {
            var vector = new Libc.IoVector { Base = data, Length = (nuint)batch.Length };
            var message = new Libc.MessageHeader
            {
                Name = name,
                NameLength = (uint)remote.WriteSocketAddress(new(name, UdpAddress.MaxSocketAddressSize), _ipv6),
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = ControlMessages.Write(control, segmentSize, ecn, ipv6: !remote.IsIpv4),
            };
            return Libc.SendMessage(_descriptor, &message, Libc.MsgDontWait) >= 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    // ECONNREFUSED and its like report an earlier packet to somebody; this one is then lost, which the protocol above repairs.
    private static SendResult ResultOf(int error) => error switch
    {
        Libc.Eagain => SendResult.WouldBlock,
        Libc.Emsgsize => SendResult.TooBig,
        _ => SendResult.Error,
    };

    public override bool Wait(TimeSpan timeout, bool writable)
    {
        var descriptors = stackalloc Libc.PollDescriptor[2];
        descriptors[0] = new() { Descriptor = _descriptor, Events = (short)(Libc.PollIn | (writable ? Libc.PollOut : 0)) };
        descriptors[1] = new() { Descriptor = (int)_wake.DangerousGetHandle(), Events = Libc.PollIn };
        var ticks = Math.Max(0, timeout.Ticks);
        var time = new Libc.TimeSpec
        {
            Seconds = (nint)(ticks / TimeSpan.TicksPerSecond),
            Nanoseconds = (nint)(ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick),
        };

        // A signal ends the wait early and harmlessly: the loop looks at the time anyway.
        var infinite = timeout == Timeout.InfiniteTimeSpan;
        if (Libc.Poll(descriptors, 2, infinite ? null : &time, null) == 0) { return false; }
        if (descriptors[1].Returned != 0)
        {
            ulong count;
            _ = Libc.Read(_wake, &count, sizeof(ulong));
        }

        return true;
    }

    public override void Wake()
    {
        try
        {
            ulong one = 1;
            var written = Libc.Write(_wake, &one, sizeof(ulong));
            Debug.Assert(written == sizeof(ulong) || Marshal.GetLastPInvokeError() == Libc.Eagain, "an event descriptor takes a count");
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) { return; }
        _wake.Dispose();
        _socket.Dispose();
    }

    private bool TrySet(int level, int option, int value)
    {
        try
        {
            _socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref value)));
            return true;
        }
        catch (SocketException)
        {
            return false; // an older kernel: the caller goes on without
        }
    }
}
