namespace Coco.Crypto.Tests;

/// <summary>Bytes of published test vectors, written as the documents write them.</summary>
internal static class Vectors
{
    public static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "").Replace("\n", "").Replace("\r", ""));
}
