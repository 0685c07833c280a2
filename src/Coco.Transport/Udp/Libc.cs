using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coco.Transport.Udp;

/// <summary>The part of Linux's socket interface that .NET does not reach: control messages and a poll that can be woken.</summary>
internal static unsafe partial class Libc
{
    // <asm-generic/socket.h>, <bits/socket.h>, <linux/in.h>, <linux/in6.h>, <linux/udp.h>: the same on x64 and ARM.
    public const int SolSocket = 1, SoSndBufForce = 32, SoRcvBufForce = 33;
    public const int SolIp = 0, IpTos = 1, IpTtl = 2, IpMtuDiscover = 10, IpRecvTos = 13;
    public const int SolIpv6 = 41, Ipv6MtuDiscover = 23, Ipv6HopLimit = 52, Ipv6RecvTclass = 66, Ipv6Tclass = 67;
    public const int PmtuDiscProbe = 3; // IP_PMTUDISC_PROBE and IPV6_PMTUDISC_PROBE: set DF, ignore what the kernel believes
    public const int SolUdp = 17, UdpSegment = 103, UdpGro = 104;
    public const ushort AfInet = 2, AfInet6 = 10;
    public const int MsgDontWait = 0x40;
    public const short PollIn = 1, PollOut = 4;
    public const int EfdCloexecNonblock = 0x80000 | 0x800, TfdCloexecNonblock = EfdCloexecNonblock;
    public const int ClockMonotonic = 1;

    // <asm-generic/errno.h>
    public const int Eintr = 4, Eio = 5, Eagain = 11, Einval = 22, Emsgsize = 90;

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length; // of this header and the data behind it
        public int Level;
        public int Type;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;

        public static TimeSpec From(TimeSpan time)
        {
            var ticks = Math.Max(0, time.Ticks);
            return new()
            {
                Seconds = (nint)(ticks / TimeSpan.TicksPerSecond),
                Nanoseconds = (nint)(ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick),
            };
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimerSpec
    {
        public TimeSpec Interval;
        public TimeSpec First;
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(int descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(int descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signalMask);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    public static partial int TimerDescriptor(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime", SetLastError = true)]
    public static partial int SetTimer(SafeFileHandle descriptor, int flags, TimerSpec* time, TimerSpec* before);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle descriptor, ulong* value, nuint size);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle descriptor, ulong* value, nuint size);
}
