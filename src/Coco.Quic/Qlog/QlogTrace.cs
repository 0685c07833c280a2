using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Coco.Quic.Packets;

namespace Coco.Quic.Qlog;

/// <summary>
/// What one connection does, as qlog: JSON text sequences (RFC 7464), to be kept in a file that ends in <c>.sqlog</c>. It tells
/// packet numbers, sizes and frames, and never keys, tokens or the bytes of the application.
/// </summary>
/// <remarks>
/// <para>The schema is that of draft-ietf-quic-qlog-main-schema-13 and draft-ietf-quic-qlog-quic-events-13. The tool people look
/// at traces with, qvis, knows an older form, version 0.3. It is served from the same bytes, since tools must not stumble over
/// fields and events that they do not know (main schema §13):</para>
/// <list type="bullet">
/// <item>the header says <c>file_schema</c> and <c>serialization_format</c> for the draft, <c>qlog_version</c> and
/// <c>qlog_format</c> for qvis;</item>
/// <item>events are named <c>quic:…</c>, and carry the category of version 0.3 as a field of their own, which qvis prefers to
/// the name's;</item>
/// <item>a frame with data has both <c>raw</c> and the older <c>length</c>, parameters both <c>initiator</c> and
/// <c>owner</c>;</item>
/// <item>recovery metrics, whose event was renamed, are written once under each name;</item>
/// <item><c>time_format</c> is left out: the draft's default, relative to the epoch, has a name that qvis does not know.</item>
/// </list>
/// <para>The loop that owns the connection owns its trace.</para>
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The writer writes to managed memory and has nothing to release.")]
public sealed partial class QlogTrace
{
    private const byte RecordSeparator = 0x1E;
    private const byte LineFeed = 0x0A;
    private const ulong MaxInteroperableInteger = (1UL << 53) - 1; // RFC 7493 §2.2; larger go as strings

    // Relaxed: a log is no HTML, and its media type should read as such.
    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _record = new(1024);
    private readonly Utf8JsonWriter _json;
    private readonly Action<ReadOnlySpan<byte>> _sink;
    private readonly DateTimeOffset _epoch;
    private readonly long _origin;
    private readonly string? _title;
    private long _now;
    private bool _isClient;

    /// <summary>A trace that hands each record, whole, to a callback. The callback must not keep the span, nor throw.</summary>
    /// <param name="epoch">The wall-clock time at <paramref name="now"/>; events tell milliseconds since then.</param>
    /// <param name="now">The host's monotonic time, on the same clock that drives the endpoint.</param>
    /// <param name="sink">Takes the records.</param>
    /// <param name="title">A name for people, such as that of the host.</param>
    public QlogTrace(DateTimeOffset epoch, TimeSpan now, Action<ReadOnlySpan<byte>> sink, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(sink);
        _epoch = epoch;
        _origin = _now = now.Ticks;
        _sink = sink;
        _title = title;
        _json = new(_record, WriterOptions);
    }

    /// <summary>A trace that appends each record to a buffer, which the host empties.</summary>
    /// <param name="epoch">The wall-clock time at <paramref name="now"/>; events tell milliseconds since then.</param>
    /// <param name="now">The host's monotonic time, on the same clock that drives the endpoint.</param>
    /// <param name="output">Takes the records.</param>
    /// <param name="title">A name for people, such as that of the host.</param>
    public QlogTrace(DateTimeOffset epoch, TimeSpan now, IBufferWriter<byte> output, string? title = null)
        : this(epoch, now, record => output.Write(record), title) => ArgumentNullException.ThrowIfNull(output);

    /// <summary>The time of what follows. Told wherever time enters the connection, so that its depths need not pass it on.</summary>
    internal void At(long now) => _now = Math.Max(_now, now);

    private void WriteHeader(in ConnectionId originalDestination)
    {
        BeginRecord();
        // Main schema §3: these two within the first 256 bytes.
        _json.WriteString("file_schema"u8, "urn:ietf:params:qlog:file:sequential"u8);
        _json.WriteString("serialization_format"u8, "application/qlog+json-seq"u8);
        _json.WriteString("qlog_version"u8, "0.3"u8);
        _json.WriteString("qlog_format"u8, "JSON-SEQ"u8);
        if (_title is not null) { _json.WriteString("title"u8, _title); }

        _json.WriteStartObject("trace"u8);
        _json.WriteStartObject("common_fields"u8);
        WriteHex("group_id"u8, originalDestination.Span);
        // §7.1: the clock counts from a moment of the system's time. "monotonic" would forbid to say which.
        _json.WriteStartObject("reference_time"u8);
        _json.WriteString("clock_type"u8, "system"u8);
        _json.WriteString("epoch"u8, _epoch.UtcDateTime);
        _json.WriteEndObject();
        _json.WriteEndObject();

        _json.WriteStartObject("vantage_point"u8);
        _json.WriteString("type"u8, _isClient ? "client"u8 : "server"u8);
        _json.WriteEndObject();

        _json.WriteStartArray("event_schemas"u8);
        _json.WriteStringValue("urn:ietf:params:qlog:events:quic-13"u8);
        _json.WriteEndArray();
        _json.WriteEndObject();
        EndRecord();
    }

    /// <summary>Starts an event and leaves the writer inside its data.</summary>
    private void BeginEvent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> category, string tuple = "")
    {
        BeginRecord();
        _json.WriteNumber("time"u8, (_now - _origin) / (double)TimeSpan.TicksPerMillisecond);
        _json.WriteString("name"u8, name);
        _json.WriteString("category"u8, category);
        if (tuple.Length > 0) { _json.WriteString("tuple"u8, tuple); }
        _json.WriteStartObject("data"u8);
    }

    private void EndEvent()
    {
        _json.WriteEndObject();
        EndRecord();
    }

    private void BeginRecord()
    {
        _record.ResetWrittenCount();
        _record.GetSpan(1)[0] = RecordSeparator;
        _record.Advance(1);
        _json.Reset();
        _json.WriteStartObject();
    }

    private void EndRecord()
    {
        _json.WriteEndObject();
        _json.Flush();
        _record.GetSpan(1)[0] = LineFeed;
        _record.Advance(1);
        _sink(_record.WrittenSpan);
    }

    private void WriteInteger(ReadOnlySpan<byte> name, ulong value)
    {
        if (value <= MaxInteroperableInteger) { _json.WriteNumber(name, value); return; }
        Span<byte> digits = stackalloc byte[20];
        value.TryFormat(digits, out var written, provider: CultureInfo.InvariantCulture);
        _json.WriteString(name, digits[..written]);
    }

    private void WriteHex(ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes)
    {
        Span<char> hex = stackalloc char[2 * ConnectionId.MaxLength];
        Convert.TryToHexStringLower(bytes, hex, out var written);
        _json.WriteString(name, hex[..written]);
    }

    private void WriteHexValue(ReadOnlySpan<byte> bytes)
    {
        Span<char> hex = stackalloc char[2 * ConnectionId.MaxLength];
        Convert.TryToHexStringLower(bytes, hex, out var written);
        _json.WriteStringValue(hex[..written]);
    }
}
