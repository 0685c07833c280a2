using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Coco.Traversal;
using Microsoft.Win32.SafeHandles;

namespace Coco.Transport.Udp;

/// <summary>UDP over Linux's own calls: many packets each by UDP_SEGMENT and UDP_GRO, with ECN marks.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxUdpChannel : UdpChannel
{
    // Errors of earlier packets (ICMP) are reported by later calls and cleared by that; a few may be queued, an attacker must
    // not keep us busy with them.
    private const int MaxErrorsSkipped = 16;

    private readonly Lazy<SafeFileHandle> _wake = new(CreateWake);
    private readonly int _descriptor;
    private bool _segments;

    public LinuxUdpChannel(Socket socket, UdpChannelOptions options)
        : base(socket)
    {
        _descriptor = (int)socket.Handle;
        SocketBuffers.Enlarge(socket, options.SocketBufferSize);

        // An IPv6 socket that takes IPv4 too needs both families' settings; one that does not answers with an error, unheard.
        CarriesEcn = TrySet(Libc.SolIp, Libc.IpRecvTos, 1) | (IsIpv6 && TrySet(Libc.SolIpv6, Libc.Ipv6RecvTclass, 1));
        TrySet(Libc.SolIp, Libc.IpMtuDiscover, Libc.PmtuDiscProbe);
        if (IsIpv6) { TrySet(Libc.SolIpv6, Libc.Ipv6MtuDiscover, Libc.PmtuDiscProbe); }

        // Setting a segment size of 0 changes nothing and tells whether the kernel knows the option (4.18; GRO 5.0).
        _segments = options.Offload is UdpOffload.Auto && TrySet(Libc.SolUdp, Libc.UdpSegment, 0);
        if (options.Offload is UdpOffload.Auto) { TrySet(Libc.SolUdp, Libc.UdpGro, 1); }
    }

    public override bool Segments => _segments;

    public override bool CarriesEcn { get; }

    public override bool TryReceive(Span<byte> buffer, out UdpReceived received)
    {
        received = default;
        var name = stackalloc byte[SocketAddressBytes.MaxSize];
        var control = stackalloc byte[ControlMessages.BufferSize];
        fixed (byte* data = buffer)
        {
            var vector = new Libc.IoVector { Base = data, Length = (nuint)buffer.Length };
            for (var skipped = 0; skipped < MaxErrorsSkipped; skipped++)
            {
                var message = new Libc.MessageHeader
                {
                    Name = name,
                    NameLength = SocketAddressBytes.MaxSize,
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
                    received.Remote = SocketAddressBytes.Read(new(name, SocketAddressBytes.MaxSize), IsIpv6);
                    ControlMessages.Read(control, message.ControlLength, ref received);
                    return true;
                }

                if (Marshal.GetLastPInvokeError() == Libc.Eagain) { return false; }
            }
        }

        return false;
    }

    public override SendResult Send(in NetworkAddress remote, ReadOnlySpan<byte> data, int segmentSize, Ecn ecn, byte hopLimit, out int sent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentSize);
        sent = 0;
        if (!IsIpv6 && !remote.IsIpv4) { return SendResult.Error; }
        if (segmentSize > MaxBatchBytes) { return SendResult.TooBig; }

        while (sent < data.Length)
        {
            var segments = _segments ? Math.Min(MaxBatchSegments, MaxBatchBytes / segmentSize) : 1;
            var batch = data.Slice(sent, Math.Min(data.Length - sent, segments * segmentSize));
            var error = SendBatch(remote, batch, batch.Length > segmentSize ? segmentSize : 0, ecn, hopLimit);
            switch (error)
            {
                case 0:
                    sent += batch.Length;
                    break;
                case Libc.Eintr:
                    break;
                case Libc.Eio or Libc.Einval when batch.Length > segmentSize:
                    var result = SendWithoutSegments(remote, batch[..segmentSize], ecn, hopLimit);
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
    private SendResult SendWithoutSegments(in NetworkAddress remote, ReadOnlySpan<byte> packet, Ecn ecn, byte hopLimit)
    {
        var error = SendBatch(remote, packet, segmentSize: 0, ecn, hopLimit);
        if (error != 0) { return ResultOf(error); }

        _segments = false;
        return SendResult.Ok;
    }

    private int SendBatch(in NetworkAddress remote, ReadOnlySpan<byte> batch, int segmentSize, Ecn ecn, byte hopLimit)
    {
        var name = stackalloc byte[SocketAddressBytes.MaxSize];
        var control = stackalloc byte[ControlMessages.BufferSize];
        *(ushort*)name = IsIpv6 ? Libc.AfInet6 : Libc.AfInet;
        fixed (byte* data = batch)
        {
            var vector = new Libc.IoVector { Base = data, Length = (nuint)batch.Length };
            var message = new Libc.MessageHeader
            {
                Name = name,
                NameLength = (uint)SocketAddressBytes.Write(remote, new(name, SocketAddressBytes.MaxSize), IsIpv6),
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = ControlMessages.Write(control, segmentSize, ecn, hopLimit, ipv6: !remote.IsIpv4),
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
        descriptors[1] = new() { Descriptor = (int)_wake.Value.DangerousGetHandle(), Events = Libc.PollIn };
        var time = Libc.TimeSpec.From(timeout);

        // A signal ends the wait early and harmlessly: the loop looks at the time anyway.
        var infinite = timeout == Timeout.InfiniteTimeSpan;
        if (Libc.Poll(descriptors, 2, infinite ? null : &time, null) == 0) { return false; }
        if (descriptors[1].Returned != 0)
        {
            ulong count;
            _ = Libc.Read(_wake.Value, &count, sizeof(ulong));
        }

        return true;
    }

    public override void Wake()
    {
        try
        {
            ulong one = 1;
            var written = Libc.Write(_wake.Value, &one, sizeof(ulong));
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
        if (_wake.IsValueCreated) { _wake.Value.Dispose(); }
        Socket.Dispose();
    }

    // Made when first waited for or woken: a channel that is watched by a poller needs none.
    private static SafeFileHandle CreateWake()
    {
        var wake = Libc.EventDescriptor(0, Libc.EfdCloexecNonblock);
        return wake >= 0 ? new(wake, ownsHandle: true) : throw new SocketException(Marshal.GetLastPInvokeError());
    }

    private bool TrySet(int level, int option, int value)
    {
        try
        {
            Socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref value)));
            return true;
        }
        catch (SocketException)
        {
            return false; // an older kernel: the caller goes on without
        }
    }
}
