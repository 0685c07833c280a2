using Coco.Cluster.Invitations;
using QRCoder;

namespace Coco;

/// <summary>A ticket as a QR code, for a joiner with a camera. Whoever photographs it can join.</summary>
public static class TicketQrCode
{
    /// <summary>The code as lines of block characters, for a terminal: dark ones on a bright ground unless <paramref name="invert"/>.</summary>
    public static string ToQrCode(this Ticket ticket, bool invert = false)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        using var data = Encode(ticket);
        using var code = new AsciiQRCode(data);
        return code.GetGraphicSmall(invert: invert);
    }

    /// <summary>The code as the bytes of a PNG image.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <param name="pixelsPerModule">How large its squares are. From 1 to 64, default 8.</param>
    public static byte[] ToQrCodePng(this Ticket ticket, int pixelsPerModule = 8)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentOutOfRangeException.ThrowIfLessThan(pixelsPerModule, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixelsPerModule, 64);
        using var data = Encode(ticket);
        using var code = new PngByteQRCode(data);
        return code.GetGraphic(pixelsPerModule);
    }

    // The text fits the alphanumeric mode, 11 bits for two characters. Level L (ISO/IEC 18004): screens do not get scratched.
    private static QRCodeData Encode(Ticket ticket) => QRCodeGenerator.GenerateQrCode(ticket.ToQrText(), QRCodeGenerator.ECCLevel.L);
}
