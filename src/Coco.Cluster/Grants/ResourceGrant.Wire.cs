using System.Diagnostics.CodeAnalysis;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Grants;

/// <content>
/// <code>
/// grant    = version u8: 1 ‖ subject ‖ pattern (text, at most 512 bytes) ‖ count u8 (0–16; 0 for all) × action (text) ‖ from u64 ‖ until u64
///            ‖ count u8 of windows (0–32; 0 for no schedule) ‖ when not 0: zone (text) ‖ count × window ‖ anything a later version adds
/// subject  = 1 ‖ user 32, or 2 ‖ role u8
/// window   = days u8 ‖ start u16 ‖ end u16, in minutes                                                       at most 2,048 bytes
/// </code>
/// What a later version adds narrows nothing an older node may overlook: that needs another version, which it refuses.
/// </content>
public sealed partial class ResourceGrant
{
    internal const int MaxLength = 2048;

    private const byte Version = 1;

    internal byte[] Encode()
    {
        var bytes = new byte[MaxLength];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(Version);
        if (User.IsDefault)
        {
            writer.WriteByte(2);
            writer.WriteByte((byte)Role);
        }
        else
        {
            writer.WriteByte(1);
            User.Key.CopyTo(writer.Reserve(UserId.Size));
        }
        WireText.Write(ref writer, Resources.ToString());
        writer.WriteByte((byte)Actions.Count);
        foreach (var action in Actions) { WireText.Write(ref writer, action); }
        writer.WriteUInt64(From);
        writer.WriteUInt64(Until);
        writer.WriteByte((byte)(Schedule?.Windows.Count ?? 0));
        if (Schedule is null) { return bytes[..writer.Position]; }
        WireText.Write(ref writer, Schedule.Zone);
        foreach (var window in Schedule.Windows)
        {
            writer.WriteByte(window.Days);
            writer.WriteUInt16((ushort)window.StartMinute);
            writer.WriteUInt16((ushort)window.EndMinute);
        }
        return bytes[..writer.Position];
    }

    internal static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ResourceGrant? grant)
    {
        grant = null;
        var reader = new SpanReader(bytes);
        if (bytes.Length > MaxLength || !reader.TryReadByte(out var version) || version != Version) { return false; }
        if (!TryReadSubject(ref reader, out var user, out var role)) { return false; }
        if (!WireText.TryRead(ref reader, ResourcePattern.MaxBytes, out var text) || !ResourcePattern.TryParse(text, out var pattern)) { return false; }
        if (!TryReadActions(ref reader, out var actions) || !reader.TryReadUInt64(out var from) || !reader.TryReadUInt64(out var until)) { return false; }
        if (!TryReadSchedule(ref reader, out var schedule)) { return false; }
        grant = new(user, role, pattern, actions, from, until, schedule);
        return true;
    }

    private static bool TryReadSubject(ref SpanReader reader, out UserId user, out Role role)
    {
        (user, role) = (default, Role.None);
        if (!reader.TryReadByte(out var kind)) { return false; }
        if (kind == 1 && reader.TryReadBytes(UserId.Size, out var key))
        {
            user = new(NodeId.Read(key));
            return !user.IsDefault;
        }
        if (kind != 2 || !reader.TryReadByte(out var number)) { return false; }
        role = (Role)number;
        return role is Role.Guest or Role.Admin or Role.Owner;
    }

    private static bool TryReadActions(ref SpanReader reader, out string[] actions)
    {
        actions = [];
        if (!reader.TryReadByte(out var count) || count > MaxActions) { return false; }
        var read = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (!WireText.TryReadLabel(ref reader, orEmpty: false, out read[i])) { return false; }
        }
        actions = read;
        return true;
    }

    private static bool TryReadSchedule(ref SpanReader reader, out WeeklySchedule? schedule)
    {
        schedule = null;
        if (!reader.TryReadByte(out var count) || count > WeeklySchedule.MaxWindows) { return false; }
        if (count == 0) { return true; }
        if (!WireText.TryRead(ref reader, WeeklySchedule.MaxZoneLength, out var zone)) { return false; }
        var windows = new ScheduleWindow[count];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadByte(out var days) || !reader.TryReadUInt16(out var start) || !reader.TryReadUInt16(out var end)) { return false; }
            windows[i] = new(days, start, end);
        }
        if (!WeeklySchedule.IsValid(zone, windows)) { return false; }
        schedule = new(zone, windows);
        return true;
    }
}
