// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @dev How many addresses one call may ask for.
uint256 constant LONGEST_PAGE = 10_000;

/// @param lower index of the first address
/// @param upper index after the last one
/// @return part the addresses; zero where the list has none
function page(address[] storage list, uint256 lower, uint256 upper) view returns (address[] memory part) {
    require(lower <= upper && upper - lower <= LONGEST_PAGE, "InvalidRange");
    part = new address[](upper - lower);
    for (uint256 i = lower; i < upper && i < list.length; i++) {
        part[i - lower] = list[i];
    }
}
