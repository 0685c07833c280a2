using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Coco.Lab.Kernel;

/// <summary>A network device in a namespace whose packets a program of ours takes and gives. The device goes when this is disposed of.</summary>
internal sealed partial class TunDevice : IDisposable
{
    public const int MaxPacket = 65_536;

    private const int OpenFlags = 0x2 | 0x800 | 0x80000; // O_RDWR | O_NONBLOCK | O_CLOEXEC
    private const nuint SetInterface = 0x400454CA; // TUNSETIFF
    private const short TunWithoutHeader = 0x1001; // IFF_TUN | IFF_NO_PI

    private readonly SafeFileHandle _file;

    private TunDevice(SafeFileHandle file) => _file = file;

    /// <summary>The descriptor, to wait for.</summary>
    public int Descriptor => (int)_file.DangerousGetHandle();

    public bool IsClosed => _file.IsClosed;

    public static TunDevice Create(NetNamespace space, string name)
    {
        var request = new byte[40]; // struct ifreq: the name in 16 bytes, then the flags
        Encoding.ASCII.GetBytes(name, request);
        BitConverter.TryWriteBytes(request.AsSpan(16), TunWithoutHeader);
        return new(space.Visit(() =>
        {
            var file = Open("/dev/net/tun", OpenFlags);
            if (file < 0) { throw NetNamespace.Failed("open /dev/net/tun"); }
            var handle = new SafeFileHandle(file, ownsHandle: true);
            return Control(file, SetInterface, request) == 0 ? handle : throw NetNamespace.Failed($"make the device {name}");
        }));
    }

    /// <summary>Takes the next packet that was sent into the device; false when there is none.</summary>
    public bool TryRead(byte[] buffer, out int length)
    {
        length = (int)ReadBytes(_file, buffer, buffer.Length);
        return length > 0;
    }

    /// <summary>Lets a packet arrive from the device. One that comes while the device is down is lost, as on any line.</summary>
    public void Write(byte[] packet, int length) => _ = WriteBytes(_file, packet, length);

    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int file, nuint request, byte[] argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadBytes(SafeFileHandle file, byte[] buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteBytes(SafeFileHandle file, byte[] data, nint count);
}
