using System.Security.Cryptography;

namespace Coco.ControlPlane.Api;

/// <summary>Names of rows: what they are and 26 characters nobody guesses.</summary>
internal static class Identifiers
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static string New(string kind) => kind + "_" + RandomNumberGenerator.GetString(Alphabet, 26);
}
